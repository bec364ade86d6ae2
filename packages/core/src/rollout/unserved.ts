import type { ByVariant } from '../foundation/vocabulary.js'
import { answeredOf, type Summary } from '../summaries/summary.js'
import type { StoredRollout } from './stored-rollout.js'

/**
 * Returns why a version has finished no request in a step, where the counts show it; `undefined` if they do not.
 *
 * @param counted what was counted in the step; `null` or `undefined` if that is unknown
 * @param isSplitHere whether this process splits the requests: if keys are split, few keys may leave a share without any
 */
export function describeUnserved(
  counted: ByVariant<Pick<Summary, 'begun' | 'outcomes'>> | null | undefined,
  { state: { weight }, calibration }: Pick<StoredRollout, 'state' | 'calibration'>,
  isSplitHere: boolean,
): string | undefined {
  if (counted === undefined || counted === null) return undefined
  const { baseline, canary } = counted
  const { rejected } = canary.outcomes
  const isServed = answeredOf(canary) > 0
  if (!isServed && rejected > 0) return `all of its ${rejected} requests were rejected because of their input`
  if (!isSplitHere || calibration.unit !== 'key') return undefined
  if (canary.begun === 0)
    return `no request has a key of its ${weight} %: with few keys, take larger weights (plan, warmUp) or split by request`
  if (isServed && baseline.begun === 0 && weight < 100)
    return `no request has a key of the baseline's ${100 - weight} %: with few keys, take no holdback (bake) or split by request`
  return undefined
}
