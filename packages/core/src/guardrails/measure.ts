import type { ByVariant } from '../foundation/vocabulary.js'
import type { Summary } from '../summaries/summary.js'
import type { Guardrail } from './guardrail.js'
import { measureLatency, measureMetric, measureScore } from './measure-means.js'
import { measurePredictionShift } from './measure-prediction-shift.js'
import { measureRate } from './measure-rate.js'
import { measureTailLatency } from './measure-tail-latency.js'
import type { Measurement } from './measurement.js'

/** Measures what a guardrail watches, in the summaries of both arms. */
export function measure(guardrail: Guardrail, arms: ByVariant<Summary>): Measurement {
  switch (guardrail.kind) {
    case 'errorRate':
    case 'timeoutRate':
    case 'abortRate':
    case 'rejectedRate':
    case 'unansweredRate':
      return measureRate(guardrail, arms)
    case 'latency':
      return measureLatency(guardrail, arms)
    case 'tailLatency':
      return measureTailLatency(guardrail, arms)
    case 'predictionShift':
      return measurePredictionShift(guardrail, arms)
    case 'scoreShift':
      return measureScore(guardrail, arms)
    case 'metric':
      return measureMetric(guardrail, arms)
  }
}
