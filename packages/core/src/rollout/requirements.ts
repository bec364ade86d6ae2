import type { Verdict } from '../judging/judge.js'
import { isStale } from './arrivals.js'
import type { Course } from './course.js'
import { phaseOf, type RolloutState, type WaitingFor } from './state.js'

/** Returns what the step still waits for; `null` if it may be left. */
export function reasonToWait(
  state: RolloutState,
  { verdict, at, isGateOpen }: { readonly verdict: Verdict; readonly at: number; readonly isGateOpen: boolean },
  course: Course,
): WaitingFor | null {
  const { minDurationMs, minRequests, gate } = requirements(state, course)
  if (state.weight === 0 || verdict.kind === 'error' || state.requests.canary === 0) return 'data'
  if (isStale(state, at, course.intervalMs)) return 'data'
  if (state.elapsedInStepMs < minDurationMs) return 'time'
  const alone = state.weight === 100 || phaseOf(state) === 'warm-up'
  const fewest = alone ? state.requests.canary : Math.min(state.requests.baseline, state.requests.canary)
  if (fewest < minRequests) return 'requests'
  if (verdict.kind === 'inconclusive' && verdict.response === 'hold') return 'evidence'
  if (verdict.kind === 'fail' || (verdict.kind === 'inconclusive' && !alone)) return 'evidence'
  return gate === undefined || isGateOpen ? null : 'gate'
}

/** Returns the conditions for leaving a step. The warm-up only requires time and a first request. */
export function requirements(state: RolloutState, course: Course) {
  if (state.step === 0) return { minDurationMs: course.warmUp.durationMs, minRequests: 1, gate: undefined }
  const { minDurationMs, minRequests, gate } = course.steps[state.step - 1]!
  return { minDurationMs: phaseOf(state) === 'bake' ? course.bake.durationMs : minDurationMs, minRequests, gate }
}
