import { CanaryError } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { text } from '@model-canary/foundation'

/** Returns the names of the two arms if they differ. @throws `INVALID_OPTION` */
export function distinctPair(name: string, pair: ByVariant<string>): ByVariant<string> {
  const { baseline, canary } = pair ?? {}
  if (text(`${name}.baseline`, baseline) === text(`${name}.canary`, canary)) {
    throw new CanaryError('INVALID_OPTION', `${name} are both "${baseline}"; baseline and canary must differ`)
  }
  return pair
}
