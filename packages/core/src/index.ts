// The public surface, in sections.

// analysis
export type { Guardrail, Severity } from './analysis/guardrail.js'
export type { Block, Calibration, Check, Judge, Phase, StepContext, Verdict } from './analysis/judge.js'

// clock
export { type Clock, systemClock } from './clock.js'
// errors
export { CanaryError, type CanaryErrorCode, ERROR_CODES, isCanaryError } from './errors.js'

// metrics
export type { Summary } from './metrics/summary.js'
// routing
export type { RoutingRequest, Strategy } from './routing/strategy.js'
// vocabulary
export type {
  Assignment,
  AssignmentReason,
  ByVariant,
  MetricValue,
  Observation,
  Outcome,
  Prediction,
  Variant,
  Versions,
} from './vocabulary.js'
