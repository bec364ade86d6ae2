// For apps: make a canary, say how it splits, by what it is judged and how it moves. Every export is named here.

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
export { createRouter, type Router, type RouterOptions } from './routing/router.js'
export { type StickyStrategyOptions, stickyStrategy } from './routing/sticky.js'
export type { BucketStrategy, OverrideStrategy, RoutingInput, RoutingRequest, Strategy } from './routing/strategy.js'

// guardrails

export type { Guardrail } from './guardrails/guardrail.js'
export type { GuardrailOptions } from './guardrails/guardrail-options.js'
export { abortRate } from './guardrails/kinds/abort-rate.js'
export { errorRate } from './guardrails/kinds/error-rate.js'
export { type LatencyOptions, latency } from './guardrails/kinds/latency.js'
export { type MetricOptions, metric } from './guardrails/kinds/metric.js'
export { type PredictionShiftOptions, predictionShift } from './guardrails/kinds/prediction-shift.js'
export type { RateOptions } from './guardrails/kinds/rate.js'
export { type RejectedRateOptions, rejectedRate } from './guardrails/kinds/rejected-rate.js'
export { type ScoreShiftOptions, scoreShift } from './guardrails/kinds/score-shift.js'
export { type TailLatencyOptions, tailLatency } from './guardrails/kinds/tail-latency.js'
export { timeoutRate } from './guardrails/kinds/timeout-rate.js'
export { type UnansweredRateOptions, unansweredRate } from './guardrails/kinds/unanswered-rate.js'

// judges

export type { EvidenceJudgeOptions } from './judging/evidence/policy.js'
export { evidenceJudge } from './judging/evidence-judge.js'
export { type ThresholdJudgeOptions, thresholdJudge } from './judging/threshold-judge.js'
export { tripwire } from './recorder/tripwire.js'

// the rollout

export type { Decision } from './rollout/decision.js'
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
export type { RolloutStateName } from './rollout/state.js'
export type { Status } from './rollout/status.js'
export { suggestPlan } from './rollout/suggest-plan.js'

// serving

export type { FallbackOptions } from './serving/fallback-input.js'
export type { ModelContext } from './serving/model-context.js'
export type { ServingOptions } from './serving/models.js'
export type { WrapOptions } from './serving/wrap.js'
export type { VersionMetrics } from './summaries/version-metrics.js'

// time and events

export { type Clock, systemClock } from './runtime/clock.js'
export type { CanaryEvents } from './runtime/events.js'
export type { Logger } from './runtime/log-events.js'

// errors and vocabulary

export { ERROR_CODES } from './foundation/error-codes.js'
export { CanaryError, type CanaryErrorCode, isCanaryError } from './foundation/errors.js'
export type {
  Assignment,
  Observation,
  Outcome,
  Prediction,
  Variant,
  Versions,
} from './foundation/vocabulary.js'
