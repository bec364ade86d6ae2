import type { ByVariant } from '../foundation/vocabulary.js'
import type { Check, Missing } from '../judging/judge.js'
import { type Course, weightOf } from './course.js'
import { phaseOf, type RolloutState } from './state.js'

/** An estimate of how long a rollout still takes if traffic and canary do not change. */
export interface Eta {
  /** Until the next step, or until promotion while baking, in milliseconds. */
  readonly stepMs: number
  /** Until promotion, in milliseconds, gates not counted. */
  readonly promotionMs: number
}

/**
 * Estimates the remaining time from how fast evidence grows now. `null` if it cannot be estimated: without traffic, at
 * a gate, or if the step already takes longer than estimated.
 *
 * Evidence on a difference grows with w(1 − w) of the weight w, and half of it is carried from step to step.
 */
export function etaOf(
  state: RolloutState,
  course: Course,
  checks: readonly Check[],
  missing: readonly Missing[] = [],
): Eta | null {
  if (state.state !== 'warming' && state.state !== 'progressing' && state.state !== 'baking') return null
  if (state.requests.canary === 0 || state.waitingFor === 'data' || state.waitingFor === 'gate') return null
  const isCompared = phaseOf(state) !== 'warm-up' && state.weight < 100
  const counted = checks.filter(({ severity }) => severity !== 'observe')
  const waits = !isCompared
    ? []
    : counted.map(({ outcome, evidence }) => (outcome === 'held' ? 0 : (evidence?.etaMs ?? null)))
  if (isCompared && (waits.length === 0 || waits.includes(null))) return null
  const judgeMs = isCompared ? missing.map(({ etaMs }) => etaMs ?? 0) : []
  const stepMs = Math.max(
    0,
    timeOf(state.step, course) - state.elapsedInStepMs,
    requestsMs(state, course, state.step, state.requests),
    ...waits.map((wait) => wait ?? 0),
    ...judgeMs,
  )
  if (stepMs === 0 && state.waitingFor !== null) return null // the estimate has passed, and it still waits
  const next = state.step === 0 ? state.firstStep : state.step + 1
  let promotionMs = stepMs
  const last = course.bake.durationMs > 0 ? course.steps.length : course.steps.length - 1
  for (let step = next; step <= last; step += 1) {
    const weight = weightOf(course, step)
    const evidenceMs = counted.map((check) => evidenceTime(check, state.weight, weight))
    promotionMs += Math.max(timeOf(step, course), requestsMs(state, course, step), ...evidenceMs)
  }
  return { stepMs: Math.round(stepMs), promotionMs: Math.round(promotionMs) }
}

/** Returns the least time of a step, in milliseconds: step 0 is the warm-up, and the last one bakes. */
function timeOf(step: number, { warmUp, steps, bake }: Course): number {
  if (step === 0) return warmUp.durationMs
  return step === steps.length ? bake.durationMs : steps[step - 1]!.minDurationMs
}

/** Returns the time in which each arm finishes a step's requests, at the present traffic and that step's weight. */
function requestsMs(
  { requests, weight, elapsedInStepMs }: RolloutState,
  course: Course,
  step: number,
  finished: ByVariant<number> = { baseline: 0, canary: 0 },
): number {
  const { minRequests } = course.steps[step - 1] ?? { minRequests: 0 }
  const share = weightOf(course, step)
  const timeFor = (count: number, done: number, shareNow: number, shareThen: number): number => {
    const left = minRequests - done
    const perMs = count / elapsedInStepMs
    return left <= 0 || shareThen === 0 || shareNow === 0 ? 0 : (left * shareNow) / (perMs * shareThen)
  }
  const canary = timeFor(requests.canary, finished.canary, weight, share)
  if (requests.baseline === 0) return canary
  return Math.max(canary, timeFor(requests.baseline, finished.baseline, 100 - weight, 100 - share))
}

/** Returns the time in which a guardrail gathers the other half of a step's evidence. */
function evidenceTime({ evidence }: Check, weightNow: number, weightThen: number): number {
  if (evidence?.doublingMs === undefined || evidence.doublingMs === null) return 0
  const doublings = Math.log2(evidence.safety.needed) / 2
  const speedUp = spreadOf(weightThen) / spreadOf(weightNow)
  return speedUp > 0 ? (doublings * evidence.doublingMs) / speedUp : 0
}

const spreadOf = (weight: number): number => weight * (100 - weight)
