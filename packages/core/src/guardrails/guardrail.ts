/**
 * What a breach does: roll the canary back, hold it where it is, or nothing but be seen.
 */
export type Severity = 'rollback' | 'hold' | 'observe'

interface Common {
  /** Unique among the guardrails of a rollout. */
  readonly name: string
  readonly severity: Severity
}

/** A share of requests that must not rise by more than `margin` (a fraction), nor above `limit`. */
export interface RateGuardrail extends Common {
  readonly kind: 'errorRate' | 'timeoutRate' | 'abortRate' | 'rejectedRate'
  readonly margin: number
  readonly limit: number | null
}

/** The share of decided calls that bring their callers nothing must not rise by more than `margin`, nor above `limit`. */
export interface UnansweredRateGuardrail extends Common {
  readonly kind: 'unansweredRate'
  readonly margin: number
  readonly limit: number | null
  /** A call that is open for so long, in milliseconds, is unanswered; `null` takes it from the baseline. */
  readonly afterMs: number | null
}

/** The guardrails on a share of requests. */
export type AnyRateGuardrail = RateGuardrail | UnansweredRateGuardrail

/** A mean latency that must not rise by more than `marginMs`, nor above `limitMs`. */
export interface LatencyGuardrail extends Common {
  readonly kind: 'latency'
  readonly marginMs: number
  readonly limitMs: number | null
}

/** A latency quantile that must not be `ratio` times *and* `minIncreaseMs` above the baseline's. */
export interface TailLatencyGuardrail extends Common {
  readonly kind: 'tailLatency'
  /** Which quantile, such as 0.99. */
  readonly quantile: number
  readonly ratio: number
  readonly minIncreaseMs: number
  readonly limitMs: number | null
}

/** The share of each predicted class must not move, up or down, by more than `margin` (a fraction). */
export interface PredictionShiftGuardrail extends Common {
  readonly kind: 'predictionShift'
  readonly margin: number
  /** Classes below this share in both arms are judged together as "other". */
  readonly minShare: number
}

/** The mean score must not move, up or down, by more than `margin` (in the score's own unit). */
export interface ScoreShiftGuardrail extends Common {
  readonly kind: 'scoreShift'
  readonly margin: number
}

/** The mean of a business metric must not move the wrong way by more than `margin` (in its own unit). */
export interface MetricGuardrail extends Common {
  readonly kind: 'metric'
  readonly metric: string
  readonly direction: 'must-not-fall' | 'must-not-rise'
  readonly margin: number
  readonly limit: number | null
}

/** Whether a guardrail is about latency, which a cold canary cannot keep: it is not judged during the warm-up. */
export const isOfLatency = ({ kind }: { readonly kind: Guardrail['kind'] }): boolean =>
  kind === 'latency' || kind === 'tailLatency'

/** One thing that must not get worse, as plain data. */
export type Guardrail =
  | RateGuardrail
  | UnansweredRateGuardrail
  | LatencyGuardrail
  | TailLatencyGuardrail
  | PredictionShiftGuardrail
  | ScoreShiftGuardrail
  | MetricGuardrail
