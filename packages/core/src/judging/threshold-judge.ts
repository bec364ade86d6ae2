import { CanaryError } from '../foundation/errors.js'
import { type Defaults, refuseUnknown, show, wholeNumber } from '../foundation/options.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { SignificanceTest } from '../statistics/significance.js'
import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import { type Health, healthAfter, isOutage, unknownHealth } from './evidence/outage.js'
import type { Judge } from './judge.js'
import { thresholdCheck } from './threshold/threshold-check.js'
import { outageMessage, verdictOf } from './verdict.js'

/** What `thresholdJudge` may be given. */
export interface ThresholdJudgeOptions {
  /** Canary observations of a guardrail below which it decides nothing, from 1 up. @default 100 */
  readonly minSamples?: number | undefined
  /** Asked as well before a margin counts as exceeded, such as `welchTest()`. @default none */
  readonly test?: SignificanceTest | undefined
  /** The share of failed calls of both versions, in the step or of the latest ones, beyond which nothing is promoted, above 0 and below 1. @default 0.5 */
  readonly outageRate?: number | undefined
}

/** What an option is if it is not given. */
const THRESHOLD_DEFAULTS = { minSamples: 100, outageRate: 0.5 } as const satisfies Defaults<ThresholdJudgeOptions>

/** What a threshold judge remembers: both arms of the current step, and of no other. */
export interface ThresholdEvidence extends ByVariant<Summary> {
  /** How the latest calls ended; left out in evidence that was stored before it was gathered. */
  readonly health?: Health
}

/**
 * Judges by thresholds: a guardrail is breached when the canary is worse by more than its margin.
 *
 * The rule of the well-known guides, easy to explain and blind to chance: looked at every few
 * seconds it rolls back many a good canary (see docs/statistics.md). `minSamples` counts canary
 * observations only, as the guides do; the baseline needs one, since no data is never a pass. With
 * a `test` the excess must be significant too. Throws `INVALID_OPTION` and `UNKNOWN_OPTION`.
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
      const { health = unknownHealth } = evidence // now, and over the step: its figures are of no use while an outage fills them
      const isDown = [health, healthAfter(unknownHealth, evidence)].some((known) => isOutage(known, { outageRate }))
      if (verdict.kind === 'fail' || !isDown) return verdict
      return { ...verdict, kind: 'inconclusive', response: 'hold', message: outageMessage(outageRate), about: 'outage' }
    },
  })
}

/** Finished flights add up; of the pending ones only the newest picture is true. */
function grow(sofar: Summary, block: Summary): Summary {
  return { ...mergeSummaries(sofar, block), pendingBins: block.pendingBins }
}

function refuseBrokenTest(test: unknown): void {
  if (test === undefined) return
  const { name, alpha, pValueOf } = Object(test) as Partial<SignificanceTest>
  if (typeof name === 'string' && typeof alpha === 'number' && typeof pValueOf === 'function') return
  throw new CanaryError('INVALID_OPTION', `thresholdJudge.test must be a test such as welchTest(), got ${show(test)}`)
}
