import { CanaryError } from '../../foundation/errors.js'
import { type Defaults, duration, numberWithin, refuseUnknown, show, wholeNumber } from '../../foundation/options.js'

/** What `evidenceJudge` may be given. Every figure has the default that the benchmark was run with. */
export interface EvidenceJudgeOptions {
  /** How often a good canary may be rolled back, over the whole rollout and all guardrails. @default 0.05 */
  readonly alpha?: number | undefined
  /** The share of a margin that never triggers a rollback, above 0 and below 1. @default 0.5 */
  readonly tolerable?: number | undefined
  /**
   * How often a canary at its margin may leave a step, by the number of steps left beyond it: the last
   * value is for all earlier steps. @default [0.05, 0.1, 0.15, 0.2]
   */
  readonly promotion?: readonly number[] | undefined
  /** Time between two ticks, and the length of the windows in which the baseline's noise is seen, in milliseconds. @default 15_000 */
  readonly tickMs?: number | undefined
  /** Time from the start in which an alarm of latency alone demotes instead of rolling back, in milliseconds. @default 180_000 */
  readonly graceMs?: number | undefined
  /** The least time in a step, in milliseconds; the plan's own comes on top. @default 60_000 */
  readonly minStepMs?: number | undefined
  /** The fewest answered canary requests in a step; the plan's own come on top. @default 50 */
  readonly minStepRequests?: number | undefined
  /** The fewest requests of each arm that close a block before its tick. @default 5 */
  readonly blockRequests?: number | undefined
  /** The least time of a block of means, in milliseconds. @default 5_000 */
  readonly meanBlockMs?: number | undefined
  /** The fewest values of each arm in a block of means. @default 10 */
  readonly meanBlockRequests?: number | undefined
  /** Windows of the baseline after which quantiles, classes and caps are frozen, where nobody watched it before. @default 11 */
  readonly thresholdWindows?: number | undefined
  /** Windows of the baseline below which its noise is not known well enough to promote. @default 40 */
  readonly minWindows?: number | undefined
  /** The dispersion that is assumed at least while there are fewer. @default 3 */
  readonly cautiousDispersion?: number | undefined
  /** The share of failed calls of both versions beyond which nothing is promoted, above 0 and below 1. @default 0.5 */
  readonly outageRate?: number | undefined
  /**
   * By how much the canary's share of the requests may be off the planned one, as a fraction: beyond it an alert says so,
   * and beyond twice of it nothing is promoted. @default the smaller of 0.02 and a quarter of the smaller share
   */
  readonly splitTolerance?: number | undefined
  /** Time between two looks at the counts for harm alone, in milliseconds. @default 1_000 */
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
  minWindows: 40,
  cautiousDispersion: 3,
  outageRate: 0.5,
  splitTolerance: null,
  watchMs: 1_000,
} as const satisfies Defaults<EvidenceJudgeOptions>

/** Past this line every figure is present and valid. Throws `UNKNOWN_OPTION` and `INVALID_OPTION`. */
export function resolvePolicy(options: EvidenceJudgeOptions = {}): EvidencePolicy {
  refuseUnknown('evidenceJudge', options, Object.keys(EVIDENCE_DEFAULTS))
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
