import { type Defaults, refuseUnknown } from '../../foundation/options.js'
import { refuseNonObject } from '../../foundation/right-form.js'
import { MEAN_ALTERNATIVES } from '../../statistics/alternatives.js'
import { type Moments, varianceOf } from '../../statistics/moments.js'
import { binMiddle, quantileUs, type SparseBins } from '../../summaries/histogram.js'
import { compareMeans } from '../compare-means.js'
import type { GuardrailKind } from '../guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from '../guardrail-options.js'
import { comparisonAndLimit, type Statistic } from '../hypothesis.js'
import { optionalLimit } from '../limit.js'
import { positiveMargin } from '../margin.js'

/** A mean latency that must not rise by more than `marginMs`, nor above `limitMs`. */
export interface LatencyGuardrail extends GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: 'latency'
  /** Accepted rise of the mean, in milliseconds. */
  readonly marginMs: number
  /** Absolute limit of the mean, in milliseconds; `null` for none. */
  readonly limitMs: number | null
}

/** Options of `latency`. */
export interface LatencyOptions extends GuardrailOptions {
  /** The greatest accepted rise of the mean, in milliseconds. @default 50 */
  readonly marginMs?: number | undefined
  /** The highest accepted mean regardless of the baseline, in milliseconds. @default null, none */
  readonly limitMs?: number | null | undefined
}

/** What an option is if it is not given. */
const LATENCY_DEFAULTS = { marginMs: 50, limitMs: null } as const satisfies Defaults<LatencyOptions>

/**
 * The mean latency must not rise. Not judged during the warm-up, when a cold canary is slow by nature.
 *
 * Throws `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * latency({ marginMs: 50, limitMs: 400 })
 */
export function latency(options: LatencyOptions = {}): LatencyGuardrail {
  refuseNonObject('latency', options, 'latency({ marginMs: 30 })')
  refuseUnknown('latency', options, { name: 1, severity: 1, marginMs: 1, limitMs: 1 })
  const { marginMs = LATENCY_DEFAULTS.marginMs, limitMs = LATENCY_DEFAULTS.limitMs } = options
  return Object.freeze({
    kind: 'latency',
    ...identityOf('latency', options),
    marginMs: positiveMargin('latency.marginMs', marginMs),
    limitMs: optionalLimit('latency.limitMs', limitMs, 0),
  })
}

/** The values that a mean latency takes from the baseline's history. */
export interface LatencyThresholds {
  /** Slower requests count as this, so that one outlier does not determine the mean. */
  readonly capMs: number
}

const US_PER_MS = 1_000

/**
 * Latencies are capped at this many times the baseline's p99, and at this many margins above it if that is more.
 */
const CAP = 3

/** For a comparison with a limit, latencies are capped at this many times the limit if that is more. */
const LIMIT_CAP = 3

/** The definition of `latency`. */
export const latencyKind: GuardrailKind<LatencyGuardrail, LatencyThresholds> = {
  make: latency,
  priority: () => 0.15,
  whenCold: 'slow',
  hasClasses: false,
  limitOf: ({ limitMs }) => limitMs,
  compareArms: ({ marginMs, limitMs }, { baseline, canary }) => ({
    subject: 'mean latency',
    counted: 'requests',
    unit: 'ms',
    margin: marginMs,
    limit: limitMs,
    ...compareMeans({ baseline: baseline.latencyUs, canary: canary.latencyUs }, 'rise', US_PER_MS),
  }),
  thresholdsOf({ marginMs }, { latencyBins }) {
    const p99Us = quantileUs(latencyBins, 0.99)
    if (p99Us === undefined) return null
    const p99Ms = p99Us / US_PER_MS
    return { capMs: Math.max(1, CAP * p99Ms, p99Ms + CAP * marginMs) }
  },
  hypothesesOf: ({ name, marginMs, limitMs }, { capMs }) =>
    comparisonAndLimit(
      name,
      limitMs,
      {
        form: 'mean',
        statistic: latencyUpTo(capMs),
        sides: ['rise'],
        margin: marginMs,
        priorShare: 0,
        alternatives: MEAN_ALTERNATIVES,
        tested: 'after warm-up',
      },
      latencyUpTo(Math.max(capMs, LIMIT_CAP * (limitMs ?? 0))),
    ),
}

/** Returns the latency by user: of clusters without a cap, of strata if they were counted with this cap. */
const latencyByUser = (capMs: number): NonNullable<Statistic['byUser']> => ({
  needs: { capMs },
  sumsOf: ({ answered, latencyMs, form }) =>
    form === undefined || form.capMs === capMs ? [answered, latencyMs] : undefined,
  varianceOf: ({ latencyUs }) => (varianceOf(latencyUs) ?? 0) / US_PER_MS ** 2,
})

/** The mean latency in milliseconds; longer latencies count as the cap. */
export const latencyUpTo = (capMs: number): Statistic => ({
  name: 'mean latency',
  unit: 'ms',
  cap: capMs,
  momentsOf: ({ latencyBins }) => cappedLatency(latencyBins, capMs),
  byUser: latencyByUser(capMs),
})

/** Returns the moments of the capped latency, within 1 % of the exact ones. */
function cappedLatency(bins: SparseBins, capMs: number): Moments {
  let count = 0
  let sum = 0
  let sumOfSquares = 0
  for (const [bin, times] of bins) {
    const ms = Math.min(binMiddle(bin) / US_PER_MS, capMs)
    count += times
    sum += times * ms
    sumOfSquares += times * ms * ms
  }
  return { count, sum, sumOfSquares }
}
