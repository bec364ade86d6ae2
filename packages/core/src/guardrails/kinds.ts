import type { Guardrail } from './guardrail.js'
import type { GuardrailKind } from './guardrail-kind.js'
import { abortRateKind } from './kinds/abort-rate.js'
import { errorRateKind } from './kinds/error-rate.js'
import { latencyKind } from './kinds/latency.js'
import { metricKind } from './kinds/metric.js'
import { predictionShiftKind } from './kinds/prediction-shift.js'
import { rejectedRateKind } from './kinds/rejected-rate.js'
import { scoreShiftKind } from './kinds/score-shift.js'
import { tailLatencyKind } from './kinds/tail-latency.js'
import { timeoutRateKind } from './kinds/timeout-rate.js'
import { unansweredRateKind } from './kinds/unanswered-rate.js'

/** All kinds of guardrails. */
export const KINDS = {
  errorRate: errorRateKind,
  timeoutRate: timeoutRateKind,
  abortRate: abortRateKind,
  rejectedRate: rejectedRateKind,
  unansweredRate: unansweredRateKind,
  latency: latencyKind,
  tailLatency: tailLatencyKind,
  predictionShift: predictionShiftKind,
  scoreShift: scoreShiftKind,
  metric: metricKind,
} satisfies { readonly [Kind in Guardrail['kind']]: GuardrailKind<Extract<Guardrail, { kind: Kind }>> }
