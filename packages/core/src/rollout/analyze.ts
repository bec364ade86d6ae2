import type { ByVariant } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Block, Judge, StepContext, Verdict } from '../judging/judge.js'
import { answeredOf, emptySummary, type Summary, subtractSummaries } from '../summaries/summary.js'
import type { AnsweredSince } from './bake-window.js'
import type { Counts, Reading } from './counts.js'
import type { Course } from './course.js'
import { elapse, phaseOf } from './state.js'
import type { StoredRollout } from './store.js'
import type { Turn } from './turn.js'

/** How a rollout is judged. */
export interface Bench {
  readonly judge: Judge
  readonly guardrails: readonly Guardrail[]
  readonly course: Course
}

/** How far a step has been judged: from here on, what comes is news. */
export interface Progress {
  readonly evidence: unknown
  readonly cumulative: ByVariant<Summary> | null
  readonly requests: ByVariant<number>
}

/** What one look at the source yields. */
export interface Analysis extends Progress {
  readonly verdict: Verdict
  readonly turn: Turn | null
  /** True where blocks were dropped before the store took them: they are in the evidence, and there is no turn of them. */
  readonly truncated?: boolean
  /** Whether callers are answered, where that is watched by what a source from outside has counted. */
  readonly answered?: AnsweredSince
  /** Why callers that are not ask for a rollback, while there is no baseline to compare with. */
  readonly trips?: string
}

/** Where the rollout stands, as a judge is told. */
export function contextOf(
  { state, calibration, guardrails }: Pick<StoredRollout, 'state' | 'calibration' | 'guardrails'>,
  { course }: Pick<Bench, 'course'>,
): StepContext {
  const { epoch, step, weight } = state
  return { guardrails, epoch, step, stepsLeft: course.steps.length - step, weight, phase: phaseOf(state), calibration }
}

/** Takes in what was counted since the last time, and asks for no verdict. */
export function takeIn(
  progress: Progress,
  counts: Counts,
  elapsedMs: number,
  context: StepContext,
  judge: Judge,
): Progress & { readonly block: Block } {
  const { baseline, canary, clusters } = counts
  const block = { ...blockOf(counts, progress.cumulative, elapsedMs), ...(clusters ? { clusters } : {}) }
  const { requests } = progress
  return {
    evidence: judge.update(progress.evidence ?? judge.open(undefined, context), block, context),
    cumulative: { baseline, canary },
    requests: {
      baseline: requests.baseline + answeredOf(block.baseline),
      canary: requests.canary + answeredOf(block.canary),
    },
    block,
  }
}

/** What was taken in between two looks: blocks, the evidence before them, and the time since the last of them. */
export interface InterimProgress extends Pick<Turn, 'evidence'> {
  /** `null` where they became too many. */
  readonly blocks: Turn['blocks'] | null
  readonly progress: Progress
  readonly sinceMs: number
}

/** Takes in what was counted since the last look and asks the judge. Pure, and replayable from what is stored. */
export function analyze(
  stored: Pick<StoredRollout, 'state' | 'calibration' | 'guardrails' | 'evidence' | 'cumulative'>,
  reading: Reading,
  sinceMs: number,
  bench: Bench,
  interim?: InterimProgress,
): Analysis {
  const { state, evidence, cumulative } = stored
  const { judge } = bench
  const { epoch, step, requests } = state
  const progress = interim?.progress ?? { evidence, cumulative, requests }
  const context = contextOf(stored, bench)
  const message = failureOf(reading, progress.cumulative)
  if (message !== undefined) {
    const { evidence, cumulative, requests } = progress
    return { evidence, cumulative, requests, verdict: { kind: 'error', epoch, step, checks: [], message }, turn: null }
  }
  const opened: Progress = {
    evidence: progress.evidence ?? judge.open(undefined, context),
    cumulative: progress.cumulative,
    requests: progress.requests,
  }
  const elapsedInStepMs = elapse(state, sinceMs).elapsedInStepMs
  if (!isCounts(reading)) {
    return { ...opened, verdict: judge.decide(opened.evidence, context, elapsedInStepMs), turn: null }
  }
  const { block, ...next } = takeIn(opened, reading, interim?.sinceMs ?? sinceMs, context, judge)
  const verdict = judge.decide(next.evidence, context, elapsedInStepMs)
  if (interim?.blocks === null) return { ...next, verdict, turn: null, truncated: true }
  const blocks = [...(interim?.blocks ?? []), block]
  const turn = { context, evidence: interim === undefined ? evidence : interim.evidence, blocks, elapsedInStepMs }
  return { ...next, verdict, turn }
}

/** What a judge says of a turn that was put away: the same, bit for bit on one major version of Node. */
export function replayTurn({ context, evidence, blocks, elapsedInStepMs }: Turn, judge: Judge): Verdict {
  const before = evidence ?? judge.open(undefined, context)
  const after = blocks.reduce((sofar, block) => judge.update(sofar, block, context), before)
  return judge.decide(after, context, elapsedInStepMs)
}

/** Why a reading is worth nothing: it failed, or what had been counted is gone. */
function failureOf(reading: Reading, before: ByVariant<Summary> | null): string | undefined {
  if (reading === 'no-data') return before === null ? undefined : 'the metrics source has lost what it had counted'
  return isCounts(reading) ? undefined : reading.failed
}

/** Whether there are counts to be judged. */
export const isCounts = (reading: Reading): reading is Counts => reading !== 'no-data' && !('failed' in reading)

/** What came since the last look. Counts that went backwards began anew, so all of them are news. */
function blockOf(
  { baseline: baselineNow, canary: canaryNow }: Counts,
  before: ByVariant<Summary> | null,
  elapsedMs: number,
): Block {
  const nothing = emptySummary() // a source may leave out what it does not count
  const anew = { baseline: { ...nothing, ...baselineNow }, canary: { ...nothing, ...canaryNow }, elapsedMs }
  if (before === null) return anew
  const baseline = subtractSummaries(baselineNow, before.baseline)
  const canary = subtractSummaries(canaryNow, before.canary)
  return baseline === undefined || canary === undefined ? anew : { baseline, canary, elapsedMs }
}
