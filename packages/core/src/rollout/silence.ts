import type { Verdict } from '../judging/judge.js'
import { isStale, quietMs } from './arrivals.js'
import type { Course } from './course.js'
import { PATIENCE_MS } from './describe.js'
import type { RolloutState } from './state.js'

/** How many requests must be missing before an alert says so. */
const MISSED = 10

/** How many requests must be missing before `onSilence` takes effect. */
const MISSED_FOR_GOOD = 50

/** Returns how many requests the canary should have had since its latest one; 0 if there is no baseline to compare. */
export function missedRequests({ requests, arrivals, weight }: RolloutState): number {
  return weight >= 100 ? 0 : ((requests.baseline - arrivals.baseline) * weight) / (100 - weight)
}

/** Returns whether the canary has had no requests for as long as `onSilence` allows, while its baseline had some. */
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

/** Returns whether a step has waited for data for so long, given its traffic, that an alert is due. */
export function isDataMissing(state: RolloutState, at: number, { intervalMs }: Course): boolean {
  const { arrivals, weight, requests, lookMs } = state
  const quiet = quietMs(arrivals, at)
  if (weight === 0 || quiet < Math.max(PATIENCE_MS, 2 * intervalMs, 2 * lookMs)) return false
  if (requests.canary > 0 && !isStale(state, at, intervalMs)) return false
  if (requests.baseline > arrivals.baseline && weight < 100) return missedRequests(state) >= MISSED
  const { usualGapMs } = arrivals
  return usualGapMs === null || quiet >= (MISSED * usualGapMs * 100) / weight
}
