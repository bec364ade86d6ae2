// The public surface, in sections. Every export is named here; nothing is public by accident.

export { abortRate } from './analysis/abort-rate.js'
// analysis
export type { AnswerLines } from './analysis/answer-lines.js'
export { errorRate } from './analysis/error-rate.js'
export type { EvidenceJudgeOptions } from './analysis/evidence/policy.js'
export { evidenceJudge } from './analysis/evidence-judge.js'
export { explain } from './analysis/explain.js'
export type { Guardrail, Severity } from './analysis/guardrail.js'
export type {
  Block,
  Calibration,
  Check,
  CheckEvidence,
  Distances,
  Judge,
  Phase,
  StepContext,
  Verdict,
} from './analysis/judge.js'
export { judgeOnce } from './analysis/judge-once.js'
export { latency } from './analysis/latency.js'
export { metric } from './analysis/metric.js'
export { predictionShift } from './analysis/prediction-shift.js'
export { type RejectedRateOptions, rejectedRate } from './analysis/rejected-rate.js'
export { scoreShift } from './analysis/score-shift.js'
export { tailLatency } from './analysis/tail-latency.js'
export { thresholdJudge } from './analysis/threshold-judge.js'
export { timeoutRate } from './analysis/timeout-rate.js'
export { type UnansweredRateOptions, unansweredRate } from './analysis/unanswered-rate.js'
export { welchTest } from './analysis/welch-test.js'
// the whole loop in this process
export type { Canary } from './canary.js'
export type { CanaryOptions, WarmUpOptions } from './canary-options.js'
// time
export { type Clock, systemClock } from './clock.js'
export { createCanary } from './create-canary.js'
export type { Listener } from './emitter.js'
// errors and events
export { CanaryError, type CanaryErrorCode, ERROR_CODES, isCanaryError } from './errors.js'
export type { CanaryEvents } from './events.js'
export type { Logger } from './log-events.js'
// metrics
export type { AnswerCounts } from './metrics/answer-counts.js'
export { binHigh, binLow, binMiddle, binOf, type SparseBins } from './metrics/histogram.js'
export type { Moments } from './metrics/moments.js'
export { readSummary } from './metrics/read-summary.js'
export {
  createRecorder,
  PULSE_MS,
} from './metrics/recorder.js'
export type { FlightEntry, Origin, Recorder, RecorderWindow } from './metrics/recorder-contract.js'
export type { RecorderOptions } from './metrics/recorder-options.js'
export {
  emptySummary,
  mergeSummaries,
  type PredictionCounts,
  type RejectionCounts,
  type Summary,
  subtractSummaries,
} from './metrics/summary.js'
export { type VersionMetrics, versionMetricsOf } from './metrics/version-metrics.js'
export type { MetricsWindow } from './metrics-window.js'
// rollout
export { type Counts, replayTurn, type Turn } from './rollout/analyze.js'
export { createController } from './rollout/controller.js'
export type { Controller } from './rollout/controller-contract.js'
export type { ControllerOptions, RolloutOptions } from './rollout/controller-options.js'
export type { Courier } from './rollout/couriers.js'
export type { Eta } from './rollout/eta.js'
export type { Action, Effect, RolloutEvent, Transition } from './rollout/event.js'
export { memoryStore } from './rollout/memory-store.js'
export type { AlertAbout, News, NewsEvents, NewsType } from './rollout/news.js'
export type { OwedMessage } from './rollout/outbox.js'
export {
  type BakePeriod,
  type Course,
  type CourseOptions,
  type Gate,
  type GateFunction,
  type GateRequest,
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
export type { UnsettledError } from './rollout/settling.js'
export { type AlertTopic, idleState, type RolloutState, type RolloutStatus, type WaitingFor } from './rollout/state.js'
export type { HeldBy, InForce, Status } from './rollout/status.js'
export type { Decision, StateStore, StoredRollout } from './rollout/store.js'
export { transition } from './rollout/transition.js'
export { type Tripwire, tripwire } from './rollout/tripwire.js'
export type { ExpectedStep, VerbOptions, Verbs } from './rollout/verbs.js'
export { exactStrategy } from './routing/exact.js'
export type { RoutingKey } from './routing/key.js'
export { type Bucketer, createBucketer } from './routing/md5.js'
export { withOverride } from './routing/override.js'
export { randomStrategy } from './routing/random.js'
export { createRouter, type Router, type RouterOptions, type Split } from './routing/router.js'
export { stickyStrategy } from './routing/sticky.js'
// routing
export type { RoutingInput, RoutingRequest, Strategy } from './routing/strategy.js'
export type { FallbackOptions } from './serving/fallback-input.js'
// serving
export type { Flight, FlightRequest, FlightResult } from './serving/flight.js'
export type { FlightObserver } from './serving/flight-observer.js'
export type { ContextModels, ModelContext } from './serving/model-context.js'
export type { Models, Served, ServingOptions, Settled } from './serving/models.js'
export type { WarmUpInputs } from './serving/warm-up.js'
export type { WrapOptions, WrapWithContext } from './serving/wrap.js'
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
} from './vocabulary.js'
