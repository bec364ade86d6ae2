import type { Summary } from '../summaries/summary.js'
import type { StoredRollout } from './stored-rollout.js'

/**
 * Returns why the canary has finished no request in a step, where its counts show it; `undefined` if they do not.
 *
 * @param canary what was counted of the canary in the step; `undefined` if that is unknown
 * @param isSplitHere whether this process splits the requests: if keys are split, few keys may leave a share without any
 */
export function describeUnserved(
  canary: Pick<Summary, 'begun' | 'outcomes'> | undefined,
  { state, calibration }: Pick<StoredRollout, 'state' | 'calibration'>,
  isSplitHere: boolean,
): string | undefined {
  if (canary === undefined) return undefined
  const { begun, outcomes } = canary
  if (outcomes.rejected > 0) return `all of its ${outcomes.rejected} requests were rejected because of their input`
  if (begun > 0 || !isSplitHere || calibration.unit !== 'key') return undefined
  return `no request has a key of its ${state.weight} %: with few keys, take larger weights (plan, warmUp) or split by request`
}
