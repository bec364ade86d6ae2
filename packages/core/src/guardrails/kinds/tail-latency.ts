import { CanaryError } from '../../foundation/errors.js'
import { type Defaults, numberWithin, refuseUnknown, show } from '../../foundation/options.js'
import { refuseNonObject } from '../../foundation/right-form.js'
import { LIMIT_ALTERNATIVES, RATE_ALTERNATIVES } from '../../statistics/alternatives.js'
import {
  binFrom,
  binHigh,
  binLow,
  binMiddle,
  binOf,
  countAbove,
  mergeBins,
  quantileUs,
  type SparseBins,
  totalOf,
} from '../../summaries/histogram.js'
import type { Summary } from '../../summaries/summary.js'
import { bernoulli } from '../compare-means.js'
import { figure, quantileName } from '../figures.js'
import type { GuardrailKind } from '../guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from '../guardrail-options.js'
import { type Hypothesis, idOf, LIMIT_PART, type Statistic } from '../hypothesis.js'
import { optionalLimit } from '../limit.js'

/** A latency quantile that must not exceed the baseline's by both the factor `ratio` and `minIncreaseMs`. */
export interface TailLatencyGuardrail extends GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: 'tailLatency'
  /** The quantile, such as 0.99. */
  readonly quantile: number
  /** The greatest accepted multiple of the baseline's quantile. */
  readonly ratio: number
  /** A smaller rise is always accepted, in milliseconds. */
  readonly minIncreaseMs: number
  /** Absolute limit of the quantile, in milliseconds; `null` for none. */
  readonly limitMs: number | null
}

/** Options of `tailLatency`. */
export interface TailLatencyOptions extends GuardrailOptions {
  /** The quantile, between 0 and 1. @default 0.99 */
  readonly quantile?: number | undefined
  /** The greatest accepted multiple of the baseline's quantile, from 1 up. @default 1.5 */
  readonly ratio?: number | undefined
  /** The greatest rise that is accepted regardless of the ratio, in milliseconds. @default 10 */
  readonly minIncreaseMs?: number | undefined
  /** The highest accepted quantile regardless of the baseline, in milliseconds. @default null, none */
  readonly limitMs?: number | null | undefined
}

/** What an option is if it is not given. */
const TAIL_LATENCY_DEFAULTS = {
  quantile: 0.99,
  ratio: 1.5,
  minIncreaseMs: 10,
  limitMs: null,
} as const satisfies Defaults<TailLatencyOptions>

/**
 * A high quantile of the latency must not rise by both `ratio` and `minIncreaseMs`.
 *
 * Pending flights count with their age so far, so a canary that hangs is seen while it hangs. Throws `INVALID_MARGIN`,
 * `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * tailLatency({ quantile: 0.99, ratio: 1.5, minIncreaseMs: 10 })
 */
export function tailLatency(options: TailLatencyOptions = {}): TailLatencyGuardrail {
  refuseNonObject('tailLatency', options, 'tailLatency({ ratio: 1.5 })')
  refuseUnknown('tailLatency', options, { name: 1, severity: 1, quantile: 1, ratio: 1, minIncreaseMs: 1, limitMs: 1 })
  const {
    quantile = TAIL_LATENCY_DEFAULTS.quantile,
    ratio = TAIL_LATENCY_DEFAULTS.ratio,
    minIncreaseMs = TAIL_LATENCY_DEFAULTS.minIncreaseMs,
    limitMs = TAIL_LATENCY_DEFAULTS.limitMs,
  } = options
  return Object.freeze({
    kind: 'tailLatency',
    ...identityOf('tailLatency', options),
    quantile: openFraction('tailLatency.quantile', quantile),
    ratio: numberWithin('tailLatency.ratio', ratio, 1, Number.MAX_VALUE, 'INVALID_MARGIN'),
    minIncreaseMs: numberWithin('tailLatency.minIncreaseMs', minIncreaseMs, 0, Number.MAX_VALUE, 'INVALID_MARGIN'),
    limitMs: optionalLimit('tailLatency.limitMs', limitMs, 0),
  })
}

function openFraction(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < 1) return value
  throw new CanaryError('INVALID_OPTION', `${name} must lie between 0 and 1, such as 0.99, got ${show(value)}`)
}

/** The values that a tail latency takes from the baseline's history. */
export interface TailThresholds {
  /** A latency in this bin of the histogram or above belongs to the tail. */
  readonly bin: number
  /** A pending flight whose age is in this bin or above hangs. */
  readonly hungBin: number
  /** The greatest accepted rise of the tail's share, as a fraction. */
  readonly margin: number
}

const US_PER_MS = 1_000

/** During the warm-up, a flight hangs if it takes longer than this many times the baseline's p99. */
const HUNG = 10

/** The weight of hung flights during the warm-up in the guardrail's evidence. */
const HUNG_PART = 0.2

/** The definition of `tailLatency`. */
export const tailLatencyKind: GuardrailKind<TailLatencyGuardrail, TailThresholds> = {
  make: tailLatency,
  priority: ({ quantile }) => (quantile > 0.97 ? 0.2 : 0.1),
  whenCold: 'slow tail',
  hasClasses: false,
  limitOf: ({ limitMs }) => limitMs,
  compareArms({ quantile, ratio, minIncreaseMs, limitMs }, arms) {
    // A pending flight counts with its age, a lower bound of its latency: one that hangs is seen while it hangs.
    const bins = { baseline: allFlights(arms.baseline), canary: allFlights(arms.canary) }
    const baseline = quantileMs(bins.baseline, quantile)
    const canary = quantileMs(bins.canary, quantile)
    return {
      subject: `${quantileName(quantile)} latency`,
      counted: 'requests',
      unit: 'ms',
      harm: 'rise',
      baseline,
      canary,
      difference: baseline === null || canary === null ? null : canary - baseline,
      margin: Math.max(minIncreaseMs, (ratio - 1) * (baseline ?? 0)), // both must be exceeded
      limit: limitMs,
      samples: { baseline: totalOf(bins.baseline), canary: totalOf(bins.canary) },
      moments: null, // a quantile has no moments: the margin alone decides
      comparisons: 1,
    }
  },
  /**
   * The threshold is rounded up to the edge of a bin. Its margin is what the definition "p_q is `ratio` times the
   * baseline's" leaves: (1 − q) − P(baseline is beyond it), at least (1 − q)/4.
   */
  thresholdsOf({ quantile, ratio, minIncreaseMs }, { latencyBins: bins }) {
    const quantileNow = quantileUs(bins, quantile)
    const p99Us = quantileUs(bins, 0.99)
    if (quantileNow === undefined || p99Us === undefined) return null
    const bin = binFrom(Math.max(ratio * quantileNow, quantileNow + minIncreaseMs * US_PER_MS))
    const beyond = countAbove(bins, binLow(bin))
    const margin = Math.max(1 - quantile - beyond / totalOf(bins), (1 - quantile) / 4)
    return { bin, hungBin: Math.max(bin, binOf(HUNG * p99Us)), margin }
  },
  hypothesesOf({ name, quantile, limitMs }, { bin, hungBin, margin }) {
    const tail: Hypothesis = {
      id: name,
      form: 'share',
      statistic: tailFrom(bin),
      sides: ['rise'],
      margin,
      limit: null,
      priorShare: (1 - quantile) / 2,
      alternatives: RATE_ALTERNATIVES,
      part: 1 - HUNG_PART,
      tested: 'after warm-up',
    }
    const hung: Hypothesis = {
      ...tail,
      id: idOf(name, 'hung'),
      statistic: hungFrom(hungBin),
      part: HUNG_PART,
      tested: 'warm-up',
    }
    if (limitMs === null) return [tail, hung]
    const beyond: Hypothesis = {
      ...tail,
      id: idOf(name, 'limit'),
      statistic: tailFrom(binOf(limitMs * US_PER_MS)),
      alternatives: LIMIT_ALTERNATIVES,
      limit: 1 - quantile,
      part: LIMIT_PART,
    }
    return [...[tail, hung].map((each) => ({ ...each, part: each.part * (1 - LIMIT_PART) })), beyond]
  },
}

/** The share of latencies in a bin or above, including pending flights. By user it is kept in strata with this bin. */
export const tailFrom = (bin: number): Statistic => ({
  ...hungFrom(bin),
  byUser: {
    needs: { tailBins: [bin] },
    sumsOf({ answered, beyond }) {
      const sums = beyond?.find(([known]) => known === bin)?.[1]
      return sums && [answered, sums]
    },
  },
})

/** The share of latencies in a bin or above, without counts by user. */
export const hungFrom = (bin: number): Statistic => ({
  name: `share of requests over ${figure(thresholdMs(bin))} ms`,
  unit: 'share',
  momentsOf: ({ latencyBins, latencyUs }) => bernoulli(countFrom(latencyBins, bin), latencyUs.count),
  pendingHitsOf: ({ pendingBins }) => countFrom(pendingBins, bin),
})

/** Returns a threshold in milliseconds, for messages. */
export function thresholdMs(bin: number): number {
  return (Number.isFinite(binHigh(bin)) ? binLow(bin) : binMiddle(bin)) / US_PER_MS
}

function countFrom(bins: SparseBins, first: number): number {
  let count = 0
  for (let at = bins.length - 1; at >= 0; at -= 1) {
    const pair = bins[at]!
    if (pair[0] < first) break
    count += pair[1]
  }
  return count
}

const allFlights = ({ latencyBins, pendingBins }: Summary): SparseBins => mergeBins(latencyBins, pendingBins)

function quantileMs(bins: SparseBins, quantile: number): number | null {
  const us = quantileUs(bins, quantile)
  return us === undefined ? null : us / US_PER_MS
}
