import { CanaryError } from '../../foundation/errors.js'
import { type Defaults, duration, numberWithin, refuseUnknown, show, wholeNumber } from '../../foundation/options.js'

/** Options of `evidenceJudge`. The benchmark was run with the defaults. */
export interface EvidenceJudgeOptions {
  /**
   * The probability of rolling back a good canary, over the whole rollout and all guardrails; above 0 and below 0.5.
   * @default 0.05
   */
  readonly alpha?: number | undefined
  /** The part of a margin that does not count as harm, above 0 and below 1. @default 0.5 */
  readonly tolerable?: number | undefined
  /**
   * The probability that a canary at its margin leaves a step: first for the last step, then for the one before it, and
   * so on. The last value applies to all earlier steps. @default [0.05, 0.1, 0.15, 0.2]
   */
  readonly promotion?: readonly number[] | undefined
  /** The time between two ticks, and the length of a window of the baseline, in milliseconds. @default 15_000 */
  readonly tickMs?: number | undefined
  /**
   * The time from the start in which harm to latency alone demotes instead of rolling back, in milliseconds. @default
   * 180_000
   */
  readonly graceMs?: number | undefined
  /** The least time in a step, in milliseconds; the plan may ask for more. @default 60_000 */
  readonly minStepMs?: number | undefined
  /** The fewest answered canary requests in a step; the plan may ask for more. @default 50 */
  readonly minStepRequests?: number | undefined
  /** The fewest requests of each arm that close a block of shares before the tick. @default 5 */
  readonly blockRequests?: number | undefined
  /** The least time of a block of means, in milliseconds. @default 5_000 */
  readonly meanBlockMs?: number | undefined
  /** The fewest values of each arm in a block of means. @default 10 */
  readonly meanBlockRequests?: number | undefined
  /**
   * The number of windows of the baseline after which thresholds are taken: quantiles, classes and caps. @default 11
   */
  readonly thresholdWindows?: number | undefined
  /** The fewest windows of the baseline with which its noise is known well enough to promote. @default 20 */
  readonly minWindows?: number | undefined
  /** The least dispersion that is assumed while there are fewer windows. @default 3 */
  readonly cautiousDispersion?: number | undefined
  /**
   * The share of failed calls beyond which nothing is promoted if both versions exceed it; above 0 and below 1.
   * @default 0.5
   */
  readonly outageRate?: number | undefined
  /**
   * The accepted deviation of the canary's share of the requests from the planned share, as a fraction. A larger one is
   * an alert; more than twice as much stops promotion. @default the smaller of 0.02 and a quarter of the smaller share
   */
  readonly splitTolerance?: number | undefined
  /** The time between two interim checks, in milliseconds. @default 1_000 */
  readonly watchMs?: number | undefined
}

/** The options of an evidence judge with every field present. */
export type EvidencePolicy = Omit<
  { readonly [Name in keyof EvidenceJudgeOptions]-?: NonNullable<EvidenceJudgeOptions[Name]> },
  'splitTolerance'
> & { readonly splitTolerance: number | null }

/** What an option is if it is not given. */
const EVIDENCE_DEFAULTS = {
  alpha: 0.05,
  tolerable: 0.5,
  promotion: [0.05, 0.1, 0.15, 0.2],
  tickMs: 15_000,
  graceMs: 180_000,
  minStepMs: 60_000,
  minStepRequests: 50,
  blockRequests: 5,
  meanBlockMs: 5_000,
  meanBlockRequests: 10,
  thresholdWindows: 11,
  minWindows: 20,
  cautiousDispersion: 3,
  outageRate: 0.5,
  splitTolerance: null,
  watchMs: 1_000,
} as const satisfies Defaults<EvidenceJudgeOptions>

/** Returns the options with defaults, each checked. Throws `UNKNOWN_OPTION` and `INVALID_OPTION`. */
export function resolvePolicy(options: EvidenceJudgeOptions = {}): EvidencePolicy {
  refuseUnknown('evidenceJudge', options, EVIDENCE_DEFAULTS)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const policy: EvidencePolicy = { ...EVIDENCE_DEFAULTS, ...given }
  if (!Array.isArray(policy.promotion) || policy.promotion.length === 0) {
    throw new CanaryError('INVALID_OPTION', `evidenceJudge.promotion must list rates, got ${show(policy.promotion)}`)
  }
  return Object.freeze({
    alpha: rate('alpha', policy.alpha, 0.5),
    tolerable: rate('tolerable', policy.tolerable),
    promotion: Object.freeze(policy.promotion.map((value) => rate('promotion', value))),
    tickMs: positive('tickMs', policy.tickMs),
    graceMs: duration('evidenceJudge.graceMs', policy.graceMs),
    minStepMs: duration('evidenceJudge.minStepMs', policy.minStepMs),
    minStepRequests: wholeNumber('evidenceJudge.minStepRequests', policy.minStepRequests, 0),
    blockRequests: wholeNumber('evidenceJudge.blockRequests', policy.blockRequests, 1),
    meanBlockMs: duration('evidenceJudge.meanBlockMs', policy.meanBlockMs),
    meanBlockRequests: wholeNumber('evidenceJudge.meanBlockRequests', policy.meanBlockRequests, 2),
    thresholdWindows: wholeNumber('evidenceJudge.thresholdWindows', policy.thresholdWindows, 1),
    minWindows: wholeNumber('evidenceJudge.minWindows', policy.minWindows, 0),
    cautiousDispersion: numberWithin('evidenceJudge.cautiousDispersion', policy.cautiousDispersion, 1, 1_000),
    outageRate: rate('outageRate', policy.outageRate),
    splitTolerance: policy.splitTolerance === null ? null : rate('splitTolerance', policy.splitTolerance),
    watchMs: positive('watchMs', policy.watchMs),
  })
}

function rate(name: string, value: unknown, below = 1): number {
  if (typeof value === 'number' && value > 0 && value < below) return value
  throw new CanaryError('INVALID_OPTION', `evidenceJudge.${name} must lie between 0 and ${below}, got ${show(value)}`)
}

function positive(name: string, value: unknown): number {
  return numberWithin(`evidenceJudge.${name}`, value, 1, Number.MAX_VALUE)
}
