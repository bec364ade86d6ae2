import type { LatencyGuardrail } from './kinds/latency.js'
import type { MetricGuardrail } from './kinds/metric.js'
import type { PredictionShiftGuardrail } from './kinds/prediction-shift.js'
import type { RateGuardrail } from './kinds/rate.js'
import type { ScoreShiftGuardrail } from './kinds/score-shift.js'
import type { TailLatencyGuardrail } from './kinds/tail-latency.js'
import type { UnansweredRateGuardrail } from './kinds/unanswered-rate.js'

/** A quantity that must not get worse, as plain data. */
export type Guardrail =
  | RateGuardrail<'errorRate'>
  | RateGuardrail<'timeoutRate'>
  | RateGuardrail<'abortRate'>
  | RateGuardrail<'rejectedRate'>
  | UnansweredRateGuardrail
  | LatencyGuardrail
  | TailLatencyGuardrail
  | PredictionShiftGuardrail
  | ScoreShiftGuardrail
  | MetricGuardrail
