import type { Verdict } from '../judging/judge.js'
import { isStale, quietMs } from './arrivals.js'
import type { Course } from './course.js'
import { PATIENCE_MS } from './describe.js'
import type { RolloutState } from './state.js'

/** So many requests must be missing before it is said that none come. */
const MISSED = 10

/** So many requests must be missing before `onSilence` acts. */
const MISSED_FOR_GOOD = 50

/** How many requests the canary's share should have brought since its latest one; 0 where there is no baseline to tell. */
export function missedRequests({ requests, arrivals, weight }: RolloutState): number {
  return weight >= 100 ? 0 : ((requests.baseline - arrivals.baseline) * weight) / (100 - weight)
}

/** Whether the canary is silent while its baseline is not, for as long as `onSilence` says. */
export function isSilent(
  before: RolloutState,
  state: RolloutState,
  verdict: Verdict,
  at: number,
  course: Course,
): boolean {
  if (verdict.kind === 'error' || !state.enabled) return false
  const isBaselineHeard = state.requests.baseline > before.requests.baseline
  const isLong = quietMs(state.arrivals, at) >= course.onSilence.afterMs
  return isLong && isBaselineHeard && missedRequests(state) >= MISSED_FOR_GOOD
}

/** Whether a step that waits for data has done so for long enough, for its traffic, to wake somebody. */
export function isDataMissing(state: RolloutState, at: number, { intervalMs }: Course): boolean {
  const { arrivals, weight, requests, lookMs } = state
  const quiet = quietMs(arrivals, at)
  if (weight === 0 || quiet < Math.max(PATIENCE_MS, 2 * intervalMs, 2 * lookMs)) return false
  if (requests.canary > 0 && !isStale(state, at, intervalMs)) return false
  if (requests.baseline > arrivals.baseline && weight < 100) return missedRequests(state) >= MISSED
  const { usualGapMs } = arrivals
  return usualGapMs === null || quiet >= (MISSED * usualGapMs * 100) / weight
}
