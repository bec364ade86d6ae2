// What an app needs: make a canary, say how it splits, by what it is judged and how it moves. Every export is named here.

// the whole loop in one process

export type { Canary } from './canary/canary.js'
export type { CanaryOptions, WarmUpOptions } from './canary/canary-options.js'
export { createCanary } from './canary/create-canary.js'

// routing

export { exactStrategy } from './routing/exact.js'
export type { RoutingKey } from './routing/key.js'
export { type Bucketer, createBucketer } from './routing/md5.js'
export { type Forced, type Overridden, withOverride } from './routing/override.js'
export { type RandomStrategyOptions, randomStrategy } from './routing/random.js'
export { createRouter, type Router, type RouterOptions, type Split } from './routing/router.js'
export { type StickyStrategyOptions, stickyStrategy } from './routing/sticky.js'
export type { BucketStrategy, OverrideStrategy, RoutingInput, RoutingRequest, Strategy } from './routing/strategy.js'

// guardrails

export type { Guardrail } from './guardrails/guardrail.js'
export type { GuardrailBase, GuardrailOptions, Severity } from './guardrails/guardrail-options.js'
export { abortRate } from './guardrails/kinds/abort-rate.js'
export { errorRate } from './guardrails/kinds/error-rate.js'
export { type LatencyGuardrail, type LatencyOptions, latency } from './guardrails/kinds/latency.js'
export { type MetricGuardrail, type MetricOptions, metric } from './guardrails/kinds/metric.js'
export {
  type PredictionShiftGuardrail,
  type PredictionShiftOptions,
  predictionShift,
} from './guardrails/kinds/prediction-shift.js'
export type { RateGuardrail, RateOptions } from './guardrails/kinds/rate.js'
export { type RejectedRateOptions, rejectedRate } from './guardrails/kinds/rejected-rate.js'
export { type ScoreShiftGuardrail, type ScoreShiftOptions, scoreShift } from './guardrails/kinds/score-shift.js'
export { type TailLatencyGuardrail, type TailLatencyOptions, tailLatency } from './guardrails/kinds/tail-latency.js'
export { timeoutRate } from './guardrails/kinds/timeout-rate.js'
export {
  type UnansweredRateGuardrail,
  type UnansweredRateOptions,
  unansweredRate,
} from './guardrails/kinds/unanswered-rate.js'

// counts

export type { MetricsWindow } from './summaries/metrics-window.js'
export type { VersionMetrics } from './summaries/version-metrics.js'

// judges

export type { EvidenceJudgeOptions } from './judging/evidence/policy.js'
export { evidenceJudge } from './judging/evidence-judge.js'
export { explain } from './judging/explain.js'
export { type ThresholdJudgeOptions, thresholdJudge } from './judging/threshold-judge.js'
export { type Tripwire, tripwire } from './recorder/tripwire.js'

// the rollout

export type { BakePeriod, OnSilence, OnStall, WarmUpPeriod } from './rollout/course.js'
export type { Decision } from './rollout/decision.js'
export type { Eta } from './rollout/eta.js'
export type { AlertAbout } from './rollout/news.js'
export {
  type Gate,
  type GateFunction,
  type GateRequest,
  hold,
  type LinearPlanOptions,
  linearPlan,
  type Plan,
  type Step,
} from './rollout/plan.js'
export type { RolloutStatus, WaitingFor } from './rollout/state.js'
export type { HeldBy, InForce, LoopFigures, Status } from './rollout/status.js'
export type { Wait } from './rollout/waits.js'

// the controller

export type { RolloutOptions } from './controller/controller-options.js'

// serving

export type { FallbackOptions } from './serving/fallback-input.js'
export type { Flight, FlightRequest, FlightResult } from './serving/flight.js'
export type { FlightObserver } from './serving/flight-observer.js'
export type { ContextModels, ModelContext } from './serving/model-context.js'
export type { Models, Servable, Served, ServingOptions, Settled } from './serving/models.js'
export type { WarmUpInputs } from './serving/warm-up.js'
export type { WrapOptions, WrapWithContext } from './serving/wrap.js'

// time and events

export { type Clock, systemClock } from './runtime/clock.js'
export type { Listener } from './runtime/emitter.js'
export type { CanaryEvents } from './runtime/events.js'
export type { Logger } from './runtime/log-events.js'

// errors and vocabulary

export { ERROR_CODES } from './foundation/error-codes.js'
export { CanaryError, type CanaryErrorCode, isCanaryError } from './foundation/errors.js'
export type {
  Assignment,
  AssignmentReason,
  ByVariant,
  MetricValue,
  ModelError,
  ModelErrors,
  Observation,
  Outcome,
  Prediction,
  Variant,
  Versions,
} from './foundation/vocabulary.js'
