import type { Guardrail } from '../analysis/guardrail.js'
import type { Block, Judge, StepContext, Verdict } from '../analysis/judge.js'
import { answeredOf, type Summary, subtractSummaries } from '../metrics/summary.js'
import type { ByVariant } from '../vocabulary.js'
import type { Course } from './plan.js'
import { elapse, phaseOf, type RolloutState } from './state.js'
import type { StoredRollout } from './store.js'

/** What a source answered: counts, nothing yet, or a failure in words. */
export type Reading = ByVariant<Summary> | 'no-data' | { readonly failed: string }

/** How a rollout is judged. */
export interface Bench {
  readonly judge: Judge
  readonly guardrails: readonly Guardrail[]
  readonly course: Course
}

/** What one look at the source yields. */
export interface Analysis {
  readonly evidence: unknown
  readonly cumulative: ByVariant<Summary> | null
  readonly requests: ByVariant<number>
  readonly verdict: Verdict
}

/** Where the rollout stands, as a judge is told. */
export function contextOf(
  state: RolloutState,
  calibration: StoredRollout['calibration'],
  { guardrails, course }: Bench,
): StepContext {
  const { epoch, step, weight } = state
  return { guardrails, epoch, step, stepsLeft: course.steps.length - step, weight, phase: phaseOf(state), calibration }
}

/** Takes in what was counted since the last look and asks the judge. Pure, and replayable from what is stored. */
export function analyze(stored: StoredRollout, reading: Reading, sinceMs: number, bench: Bench): Analysis {
  const { state, evidence, cumulative } = stored
  const { epoch, step, requests } = state
  const context = contextOf(state, stored.calibration, bench)
  const message = failureOf(reading, cumulative)
  if (message !== undefined) {
    return { evidence, cumulative, requests, verdict: { kind: 'error', epoch, step, checks: [], message } }
  }
  const open = evidence ?? bench.judge.open(undefined, context)
  const elapsedMs = elapse(state, sinceMs).elapsedInStepMs
  if (!isCounts(reading)) {
    return { evidence: open, cumulative, requests, verdict: bench.judge.decide(open, context, elapsedMs) }
  }
  const block = blockOf(reading, cumulative, sinceMs)
  const next = bench.judge.observe(open, block, context)
  return {
    evidence: next,
    cumulative: { baseline: reading.baseline, canary: reading.canary },
    requests: {
      baseline: requests.baseline + answeredOf(block.baseline),
      canary: requests.canary + answeredOf(block.canary),
    },
    verdict: bench.judge.decide(next, context, elapsedMs),
  }
}

/** Why a reading is worth nothing: it failed, or what had been counted is gone. */
function failureOf(reading: Reading, before: ByVariant<Summary> | null): string | undefined {
  if (reading === 'no-data') return before === null ? undefined : 'the metrics source has lost what it had counted'
  return isCounts(reading) ? undefined : reading.failed
}

const isCounts = (reading: Reading): reading is ByVariant<Summary> => reading !== 'no-data' && !('failed' in reading)

/** What came since the last look. Counts that went backwards began anew, so all of them are news. */
function blockOf(now: ByVariant<Summary>, before: ByVariant<Summary> | null, elapsedMs: number): Block {
  if (before === null) return { ...now, elapsedMs }
  const baseline = subtractSummaries(now.baseline, before.baseline)
  const canary = subtractSummaries(now.canary, before.canary)
  return baseline === undefined || canary === undefined ? { ...now, elapsedMs } : { baseline, canary, elapsedMs }
}
