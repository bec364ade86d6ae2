import { type ByVariant, OUTCOMES } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Block, Judge, StepContext, Verdict } from '../judging/judge.js'
import { answeredOf, emptySummary, type Summary, subtractSummaries } from '../summaries/summary.js'
import type { AnsweredSince } from './bake-window.js'
import type { Counts, Reading } from './counts.js'
import type { Course } from './course.js'
import { elapse, phaseOf } from './state.js'
import type { StoredRollout } from './stored-rollout.js'
import type { Turn } from './turn.js'

/** The parts that judge a rollout. */
export interface Bench {
  readonly judge: Judge
  readonly guardrails: readonly Guardrail[]
  readonly course: Course
}

/** The evidence and counts of a step up to the last judgement. */
export interface Progress {
  readonly evidence: unknown
  readonly cumulative: ByVariant<Summary> | null
  readonly requests: ByVariant<number>
  /** True if counts fell since the last look, so that requests since the look before are not counted. */
  readonly hasFallen?: boolean
}

/** The result of one look at the source. */
export interface Analysis extends Progress {
  readonly verdict: Verdict
  readonly turn: Turn | null
  /** True if blocks were dropped before they were stored: they are in the evidence, but cannot be replayed. */
  readonly truncated?: boolean
  /** Whether callers are answered, if that is watched by the counts of a source outside of this process. */
  readonly answered?: AnsweredSince
  /** Why unanswered callers require a rollback while there is no baseline to compare with. */
  readonly trips?: string
}

/** Returns the context of the step that a judge receives. */
export function contextOf(
  { state, calibration, guardrails }: Pick<StoredRollout, 'state' | 'calibration' | 'guardrails'>,
  { course }: Pick<Bench, 'course'>,
): StepContext {
  const { epoch, step, weight } = state
  const { steps, bake } = course
  const compared = bake.holdbackPercent > 0 && bake.durationMs > 0 ? steps.length : steps.length - 1
  const stepsLeft = Math.max(0, compared + 1 - step)
  return { guardrails, epoch, step, stepsLeft, weight, phase: phaseOf(state), calibration }
}

/** Adds the counts since the last time to the evidence, without asking for a verdict. */
export function takeIn(
  progress: Progress,
  counts: Counts,
  elapsedMs: number,
  context: StepContext,
  judge: Judge,
): { readonly taken: Progress; readonly block: Block } {
  const { baseline, canary, clusters } = counts
  const added = newsOf(counts, progress.cumulative)
  const news = added ?? NO_NEWS
  const block = { ...news, elapsedMs, ...(clusters && { clusters }) }
  const { requests } = progress
  const taken = {
    evidence: judge.update(progress.evidence ?? judge.open(undefined, context), block, context),
    cumulative: { baseline, canary },
    requests: {
      baseline: requests.baseline + answeredOf(block.baseline),
      canary: requests.canary + answeredOf(block.canary),
    },
    ...((added === undefined || progress.hasFallen) && { hasFallen: true }),
  }
  return { taken, block }
}

/** The progress between two looks: blocks, the evidence before them, and the time since the last block. */
export interface InterimProgress extends Pick<Turn, 'evidence'> {
  /** `null` if there were too many. */
  readonly blocks: Turn['blocks'] | null
  readonly progress: Progress
  readonly sinceMs: number
}

/** Adds the counts since the last look to the evidence and asks the judge. Pure; can be replayed from a stored turn. */
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
    ...(progress.hasFallen && { hasFallen: true }),
  }
  const elapsedInStepMs = elapse(state, sinceMs).elapsedInStepMs
  if (!isCounts(reading)) {
    return { ...opened, verdict: judge.decide(opened.evidence, context, elapsedInStepMs), turn: null }
  }
  const { block, taken } = takeIn(opened, reading, interim?.sinceMs ?? sinceMs, context, judge)
  const verdict = judge.decide(taken.evidence, context, elapsedInStepMs)
  const judged = { ...taken, verdict }
  if (interim?.blocks === null) return { ...judged, turn: null, truncated: true }
  const blocks = [...(interim?.blocks ?? []), block]
  const turn = { context, evidence: interim === undefined ? evidence : interim.evidence, blocks, elapsedInStepMs }
  return { ...judged, turn }
}

/** Returns the verdict on a stored turn: bit for bit the same as before, on the same major version of Node. */
export function replayTurn({ context, evidence, blocks, elapsedInStepMs }: Turn, judge: Judge): Verdict {
  const before = evidence ?? judge.open(undefined, context)
  const after = blocks.reduce((sofar, block) => judge.update(sofar, block, context), before)
  return judge.decide(after, context, elapsedInStepMs)
}

/** Returns why a reading cannot be used: it failed, or earlier counts are gone. `undefined` if it can. */
function failureOf(reading: Reading, before: ByVariant<Summary> | null): string | undefined {
  if (reading === 'no-data') return before === null ? undefined : 'the metrics source has lost what it had counted'
  return isCounts(reading) ? undefined : reading.failed
}

/** Returns whether a reading has counts. */
export const isCounts = (reading: Reading): reading is Counts => reading !== 'no-data' && !('failed' in reading)

/** Returns whether a count is lower than before. */
export const hasFallen = (counts: ByVariant<Summary>, before: ByVariant<Summary>): boolean =>
  newsOf({ ...counts, isShared: true }, before) === undefined

/**
 * Returns the counts since the last look; `undefined` if a count fell and it is not known what is new. The counts of one
 * version are never compared with a time in which those of the other were not counted.
 */
function newsOf(
  { baseline, canary, isShared }: Counts,
  before: ByVariant<Summary> | null,
): ByVariant<Summary> | undefined {
  const news = (now: Summary, earlier: Summary | undefined): Summary | undefined =>
    earlier === undefined || (isShared === false && isRestarted(now, earlier))
      ? wholeOf(now)
      : subtractSummaries(now, earlier)
  const [ofBaseline, ofCanary] = [news(baseline, before?.baseline), news(canary, before?.canary)]
  return ofBaseline && ofCanary && { baseline: ofBaseline, canary: ofCanary }
}

/** Returns all counts of a version: a source may leave out fields that it does not count. */
const wholeOf = (summary: Summary): Summary => ({ ...emptySummary(), ...summary })

/**
 * Returns whether the one process of a version was restarted: every outcome that was counted has fallen. One that did
 * not fall shows that the counts come from somewhere else.
 */
function isRestarted(now: Summary, before: Summary): boolean {
  const outcomes = OUTCOMES.filter((outcome) => before.outcomes[outcome] > 0)
  return now.begun < before.begun && outcomes.every((outcome) => now.outcomes[outcome] < before.outcomes[outcome])
}

/** The counts since the last look if it is not known what is new. */
const NO_NEWS: ByVariant<Summary> = /* @__PURE__ */ Object.freeze({
  baseline: /* @__PURE__ */ emptySummary(),
  canary: /* @__PURE__ */ emptySummary(),
})
