// The public surface, in sections. Every export is named here; nothing is public by accident.

// the whole loop in this process
export type { Canary } from './canary/canary.js'
export type { CanaryOptions, WarmUpOptions } from './canary/canary-options.js'
export { createCanary } from './canary/create-canary.js'
export { createController } from './controller/controller.js'
export type { Controller } from './controller/controller-contract.js'
export type { ControllerOptions, RolloutOptions } from './controller/controller-options.js'
export type { Courier } from './controller/couriers.js'
export { memoryStore } from './controller/memory-store.js'
export type { UnsettledError } from './controller/settling.js'
export type { ExpectedStep, VerbOptions, Verbs } from './controller/verbs.js'
// errors and events
export { CanaryError, type CanaryErrorCode, ERROR_CODES, isCanaryError } from './foundation/errors.js'
// vocabulary
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
export { abortRate } from './guardrails/abort-rate.js'
// analysis
export type { AnswerLines } from './guardrails/answer-lines.js'
export { errorRate } from './guardrails/error-rate.js'
export type { Guardrail, Severity } from './guardrails/guardrail.js'
export { latency } from './guardrails/latency.js'
export { metric } from './guardrails/metric.js'
export { predictionShift } from './guardrails/prediction-shift.js'
export { type RejectedRateOptions, rejectedRate } from './guardrails/rejected-rate.js'
export { scoreShift } from './guardrails/score-shift.js'
export { tailLatency } from './guardrails/tail-latency.js'
export { timeoutRate } from './guardrails/timeout-rate.js'
export { type UnansweredRateOptions, unansweredRate } from './guardrails/unanswered-rate.js'
export type { EvidenceJudgeOptions } from './judging/evidence/policy.js'
export { evidenceJudge } from './judging/evidence-judge.js'
export { explain } from './judging/explain.js'
export type {
  Block,
  Calibration,
  Check,
  CheckEvidence,
  Distances,
  Judge,
  Missing,
  Phase,
  StepContext,
  Verdict,
} from './judging/judge.js'
export { judgeOnce } from './judging/judge-once.js'
export { thresholdJudge } from './judging/threshold-judge.js'
export {
  createRecorder,
  PULSE_MS,
} from './recorder/recorder.js'
export type { FlightEntry, Origin, Recorder, RecorderWindow } from './recorder/recorder-contract.js'
export type { RecorderOptions } from './recorder/recorder-options.js'
export { type Tripwire, tripwire } from './recorder/tripwire.js'
// rollout
export { replayTurn } from './rollout/analyze.js'
export type { Counts } from './rollout/counts.js'
export type { Decision } from './rollout/decision.js'
export type { Eta } from './rollout/eta.js'
export type { Action, Effect, RolloutEvent, Transition } from './rollout/event.js'
export type { AlertAbout, News, NewsEvents, NewsType } from './rollout/news.js'
export type { OwedMessage } from './rollout/owed-message.js'
export {
  type BakePeriod,
  type Course,
  type CourseOptions,
  type Gate,
  type GateFunction,
  type GateRequest,
  hold,
  type LinearPlanOptions,
  linearPlan,
  type OnSilence,
  type OnStall,
  type Plan,
  resolveCourse,
  type Step,
  type WarmUpPeriod,
} from './rollout/plan.js'
export type { Drift, MetricsSource, SourceNote, SourceWindow, Target, TargetSplit } from './rollout/ports.js'
export { type AlertTopic, idleState, type RolloutState, type RolloutStatus, type WaitingFor } from './rollout/state.js'
export type { HeldBy, InForce, Status } from './rollout/status.js'
export type { StateStore, StoredRollout } from './rollout/store.js'
export { transition } from './rollout/transition.js'
export type { Turn } from './rollout/turn.js'
export type { Wait } from './rollout/waits.js'
export { exactStrategy } from './routing/exact.js'
export type { RoutingKey } from './routing/key.js'
export { type Bucketer, createBucketer } from './routing/md5.js'
export { withOverride } from './routing/override.js'
export { randomStrategy } from './routing/random.js'
export { createRouter, type Router, type RouterOptions, type Split } from './routing/router.js'
export { stickyStrategy } from './routing/sticky.js'
// routing
export type { RoutingInput, RoutingRequest, Strategy } from './routing/strategy.js'
// time
export { type Clock, systemClock } from './runtime/clock.js'
export type { Listener } from './runtime/emitter.js'
export type { CanaryEvents } from './runtime/events.js'
export type { Logger } from './runtime/log-events.js'
export type { FallbackOptions } from './serving/fallback-input.js'
// serving
export type { Flight, FlightRequest, FlightResult } from './serving/flight.js'
export type { FlightObserver } from './serving/flight-observer.js'
export type { ContextModels, ModelContext } from './serving/model-context.js'
export type { Models, Servable, Served, ServingOptions, Settled } from './serving/models.js'
export type { WarmUpInputs } from './serving/warm-up.js'
export type { WrapOptions, WrapWithContext } from './serving/wrap.js'
export type { Moments } from './statistics/moments.js'
export { welchTest } from './statistics/welch-test.js'
// metrics
export type { AnswerCounts } from './summaries/answer-counts.js'
export { binHigh, binLow, binMiddle, binOf, type SparseBins } from './summaries/histogram.js'
export type { MetricsWindow } from './summaries/metrics-window.js'
export { readSummary } from './summaries/read-summary.js'
export {
  emptySummary,
  mergeSummaries,
  type PredictionCounts,
  type RejectionCounts,
  type Summary,
  subtractSummaries,
} from './summaries/summary.js'
export { type VersionMetrics, versionMetricsOf } from './summaries/version-metrics.js'
