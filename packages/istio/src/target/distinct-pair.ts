import { type ByVariant, CanaryError } from '@model-canary/core'
import { text } from '@model-canary/foundation'

/** One name for each arm, if they are two. @throws `INVALID_OPTION` */
export function distinctPair(name: string, pair: ByVariant<string>): ByVariant<string> {
  const { baseline, canary } = pair ?? {}
  if (text(`${name}.baseline`, baseline) === text(`${name}.canary`, canary)) {
    throw new CanaryError('INVALID_OPTION', `${name} are both "${baseline}"; baseline and canary must differ`)
  }
  return pair
}
