import { CanaryError } from '../foundation/errors.js'
import { type Defaults, refuseUnknown, show, wholeNumber } from '../foundation/options.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { SignificanceTest } from '../statistics/significance.js'
import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import { type Health, healthAfter, isOutage, unknownHealth } from './evidence/outage.js'
import type { Judge, Verdict } from './judge.js'
import { leftOutIn, leftOutNote } from './left-out.js'
import { thresholdCheck } from './threshold/threshold-check.js'
import { outageMessage, verdictOf } from './verdict.js'

/** Options of `thresholdJudge`. */
export interface ThresholdJudgeOptions {
  /** The least number of canary observations with which a guardrail is judged, from 1 up. @default 100 */
  readonly minSamples?: number | undefined
  /**
   * A test that must be significant as well before a margin counts as exceeded, such as `welchTest()`. @default none
   */
  readonly test?: SignificanceTest | undefined
  /**
   * The share of failed calls beyond which nothing is promoted, if both versions exceed it, in the step or in their
   * latest calls; above 0 and below 1. @default 0.5
   */
  readonly outageRate?: number | undefined
}

/** What an option is if it is not given. */
const THRESHOLD_DEFAULTS = { minSamples: 100, outageRate: 0.5 } as const satisfies Defaults<ThresholdJudgeOptions>

/** The evidence of a threshold judge: the summaries of both arms in the current step. */
export interface ThresholdEvidence extends ByVariant<Summary> {
  /** How the latest calls ended; missing in evidence that was stored by versions that did not gather it. */
  readonly health?: Health
}

/**
 * Returns a judge of thresholds: a guardrail is breached if the canary is worse by more than its margin.
 *
 * This is the rule of the well-known guides. It is easy to explain and ignores chance: at a look every few seconds it
 * rolls back many good canaries (see docs/statistics.md). `minSamples` counts canary observations only, as in the
 * guides; the baseline needs one, because missing data never counts as a pass. With a `test`, the excess must also be
 * significant. Throws `INVALID_OPTION` and `UNKNOWN_OPTION`.
 *
 * @example
 * createCanary({ …, guardrails: [errorRate(), latency()], judge: thresholdJudge({ minSamples: 100 }) })
 */
export function thresholdJudge(options: ThresholdJudgeOptions = {}): Judge {
  refuseUnknown('thresholdJudge', options, { minSamples: 1, test: 1, outageRate: 1 })
  const {
    minSamples: givenMinimum = THRESHOLD_DEFAULTS.minSamples,
    test,
    outageRate = THRESHOLD_DEFAULTS.outageRate,
  } = options
  const minSamples = wholeNumber('thresholdJudge.minSamples', givenMinimum, 1)
  refuseBrokenTest(test)
  if (!(outageRate > 0 && outageRate < 1)) {
    throw new CanaryError(
      'INVALID_OPTION',
      `thresholdJudge.outageRate must lie between 0 and 1, got ${show(outageRate)}`,
    )
  }
  return Object.freeze<Judge<ThresholdEvidence>>({
    name: test === undefined ? 'threshold' : `threshold(${test.name})`,
    open: () => ({ baseline: emptySummary(), canary: emptySummary() }),
    update: (evidence, block) => ({
      baseline: grow(evidence.baseline, block.baseline),
      canary: grow(evidence.canary, block.canary),
      health: healthAfter(evidence.health ?? unknownHealth, block),
    }),
    decide: (evidence, context) => {
      const rules = { minSamples, test, phase: context.phase }
      const checks = context.guardrails.map((guardrail) => thresholdCheck(guardrail, evidence, rules))
      const verdict = verdictOf(checks, context)
      // now, and over the step: its figures mean nothing if most of them come from an outage
      const { health = unknownHealth } = evidence
      const isDown = [health, healthAfter(unknownHealth, evidence)].some((known) => isOutage(known, { outageRate }))
      if (verdict.kind === 'fail') return verdict
      if (isDown) return holdOn(verdict, outageMessage(outageRate), 'outage')
      const begun = { baseline: evidence.baseline.begun, canary: evidence.canary.begun }
      const note = leftOutNote(leftOutIn(evidence), begun, context.phase)
      if (note === undefined) return verdict
      return note.isHeld
        ? holdOn(verdict, note.message, 'split')
        : { ...verdict, warning: note.message, about: 'split' }
    },
  })
}

function holdOn(verdict: Verdict, message: string, about: Verdict['about'] & string): Verdict {
  return { ...verdict, kind: 'inconclusive', response: 'hold', message, about }
}

/** Adds the block's finished flights. Pending flights are a snapshot: those of the block replace the earlier ones. */
function grow(sofar: Summary, block: Summary): Summary {
  return { ...mergeSummaries(sofar, block), pendingBins: block.pendingBins }
}

function refuseBrokenTest(test: unknown): void {
  if (test === undefined) return
  const { name, alpha, pValueOf } = Object(test) as Partial<SignificanceTest>
  if (typeof name === 'string' && typeof alpha === 'number' && typeof pValueOf === 'function') return
  throw new CanaryError('INVALID_OPTION', `thresholdJudge.test must be a test such as welchTest(), got ${show(test)}`)
}
