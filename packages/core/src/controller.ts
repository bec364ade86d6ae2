// For controllers outside the service: the controller, what it reads and writes, and the rollout as pure state.
// Every export is named here.

// both arms

export type { ByVariant } from './foundation/vocabulary.js'

// the rollout

export type { Arrivals } from './rollout/arrivals.js'
export type { AnsweredSince, BakeWindow } from './rollout/bake-window.js'
export {
  type BakePeriod,
  type Course,
  type CourseOptions,
  type OnSilence,
  type OnStall,
  resolveCourse,
  type WarmUpPeriod,
} from './rollout/course.js'
export { type DecidedBy, decidedBy } from './rollout/decided-by.js'
export type { EndedRelease } from './rollout/ended-release.js'
export type { Eta } from './rollout/eta.js'
export type { Action, Effect, RolloutEvent, Transition } from './rollout/event.js'
export type {
  Fleet,
  Lease,
  LeaseAnswer,
  LeaseAsk,
  Member,
  PackedReport,
  PublishAnswer,
  Report,
  SeenMember,
} from './rollout/fleet.js'
export type { FleetMembers, Reached } from './rollout/fleet-members.js'
export type { News, NewsEvents, NewsType } from './rollout/news.js'
export type { OwedMessage } from './rollout/owed-message.js'
export type { Point, PointFigures } from './rollout/point.js'
export type { Drift, MetricsSource, SourceNote, SourceWindow, Target, TargetSplit } from './rollout/ports.js'
export {
  type Body,
  DECISIONS_KEPT,
  DECISIONS_LOADED,
  type Head,
  type Records,
  type Route,
  type Visit,
  type Wire,
} from './rollout/records.js'
export type { SlowPlan } from './rollout/slow-plan.js'
export type { StandingAlert } from './rollout/standing-alert.js'
export {
  type AlertTopic,
  type AnyState,
  type EndedState,
  type IdleState,
  idleState,
  type LiveState,
  type PausableState,
  type Pause,
  type PausedState,
  ROLLOUT_STATES,
  type RolloutState,
  type RunningState,
  WAITS,
  type WaitingFor,
} from './rollout/state.js'
export type { HeldBy, InForce, LatestDecision, LoopFigures } from './rollout/status.js'
export type { PointsRecord, RecordWrite, StateStore, WriteAnswer } from './rollout/store.js'
export type { StoredRollout } from './rollout/stored-rollout.js'
export type { Shortening, SuggestedPlan, SuggestPlanOptions } from './rollout/suggest-plan.js'
export { transition } from './rollout/transition.js'
export type { UsersOfVersion, VersionPast } from './rollout/version-past.js'
export type { Wait } from './rollout/waits.js'
export type { Split } from './routing/router.js'
export type { Listener } from './runtime/emitter.js'

// the controller

export { createController } from './controller/controller.js'
export type { Controller } from './controller/controller-contract.js'
export type { ControllerOptions, RolloutOptions } from './controller/controller-options.js'
export type { Courier } from './controller/couriers.js'
export { memoryStore } from './controller/memory-store.js'
export type { OnIsolation } from './controller/on-isolation.js'
export type { HistoryOptions } from './controller/rollout-report.js'
export type { UnsettledError } from './controller/settling.js'
export { sharedMemoryStore } from './controller/shared-memory-store.js'
export type { ExpectedStep, OperatorVerb, VerbOptions, Verbs } from './controller/verbs.js'
