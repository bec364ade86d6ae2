import type { AssembledController } from '../controller/controller-contract.js'
import type { ControllerParts } from '../controller/controller-parts.js'
import type { ProcessAlerts } from '../controller/process-alerts.js'
import type { VisitedSplit } from '../controller/split-output.js'
import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Versions } from '../foundation/vocabulary.js'
import type { Calibration } from '../judging/judge.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { slowPlanNotice } from '../rollout/slow-plan.js'
import { noKeyMessage } from '../routing/key.js'
import { createRouter, type Router } from '../routing/router.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import { type Ask, createAsk } from '../runtime/guarded.js'
import { loopTurn } from '../runtime/loop-turn.js'
import { assembleServing, type Serving } from '../serving/assemble-serving.js'
import { createLoopMeter } from '../serving/loop-meter.js'
import { createModelErrorLog, type ModelErrorLog } from '../serving/model-errors.js'
import type { WarmUps, WarmUpTask } from '../serving/warm-up.js'
import type { ResolvedCanary } from './canary-options.js'
import { createHarmWatches, type HarmWatches } from './harm-watches.js'
import { createFlightOpener, type FlightOpener } from './open-flight.js'
import { createProcessSource } from './process-source.js'
import { addWarmUp, createProcessSplit, type ProcessSplit } from './process-split.js'
import { createRecording } from './recording.js'
import { createReplicaCounts, type OwnCounts } from './replica-counts.js'

/** The requests of this process: how they are split, served, counted and watched. */
export interface Traffic<Version extends string> {
  readonly versions: Versions<Version>
  readonly router: Router<Version>
  readonly recorder: Recorder
  readonly split: ProcessSplit
  readonly opener: FlightOpener<Version>
  readonly serve: Serving<Version>['serve']
  readonly watches: Pick<HarmWatches, 'ended'>
  /** Reads what the caller passed; if that throws, the failure is reported and nothing is recorded. */
  readonly ask: Ask
  readonly isClosed: boolean
  /** The parts of a controller that read or change this traffic. */
  readonly parts: Omit<
    ControllerParts,
    'rollout' | 'target' | 'events' | 'alerts' | 'isLogged' | 'aloneBecause' | 'isForgotten'
  >
  /** Connects this traffic with its controller: harm is reported to it, and its canary is warmed. Called once. */
  follow(controller: FollowedController): void
  /** Adds a warm-up, and runs it if the others have already run. */
  addWarmUp(task: WarmUpTask): void
  close(): void
}

/** The members of the controller that decides on the split. */
export type FollowedController = Pick<AssembledController, 'trip' | 'isBaking' | 'calibration' | 'warm'>

/** The options of {@link createTraffic}. */
export interface TrafficOptions {
  readonly options: ResolvedCanary
  readonly events: Events
  readonly alerts: ProcessAlerts
}

/** Creates traffic that goes to the baseline until a controller decides otherwise. */
export function createTraffic<Version extends string>({ options, events, alerts }: TrafficOptions): Traffic<Version> {
  const { rollout, observers, maxFlightMs } = options
  const { clock, guardrails } = rollout
  const versions = rollout.versions as Versions<Version>
  const { report } = events
  let controller: FollowedController | undefined
  let isClosed = false

  const onNoKey = (value: unknown) => events.alert('key', noKeyMessage(value))
  const router = createRouter<Version>({ versions, onInternalError: report, onNoKey })
  const { recorder, baselineHistory, trafficBefore, pasts } = createRecording(rollout, report, alerts, () => split)
  const split = createProcessSplit(router, clock)
  const unit = () => split.unit
  addWarmUp(split.warmUps, options.warmUp, clock)
  const watches = createHarmWatches({ ...options, guardrails, recorder, split, rollout: () => controller })
  const modelErrors = createModelErrors(versions, clock, events)
  const serving = assembleServing({
    ...{ clock, router, recorder, guardrails, observers, report, maxFlightMs, baselineVersion: versions.baseline },
    alert: (option, message) => alerts.note('outcome', message, option),
    noteError: modelErrors.note,
    onEnd: watches.ended,
    onSweep: watches.swept,
  })
  const ask = createAsk(report, 'OBSERVER_FAILED', 'nothing was recorded')
  const opener = createFlightOpener({ open: serving.begin, events, ask, unit })
  const replica = createReplicaCounts({ recorder, split, clock, onIsolation: options.onIsolation })

  return {
    ...{ versions, router, recorder, split, opener, watches, ask, serve: serving.serve },
    get isClosed() {
      return isClosed
    },
    parts: {
      source: createProcessSource({ recorder, clock, baselineHistory, unit, answers: serving.answers.known }),
      modelErrors: modelErrors.read,
      slowPlan: () => slowPlanNotice(rollout, trafficBefore()),
      ...{ pasts, replica, inForceHere: split.inForce, turn: () => loopTurn(clock) },
      withoutKey: () => opener.withoutKey,
      onSplit(next) {
        const parts = { clock, recorder, replica, answers: serving.answers, watches, split, modelErrors }
        if (controller) openStay(next, controller.calibration(), parts)
        split.apply(next)
        if (split.isCold()) void controller?.warm() // also if it was promoted, or begun in another process
      },
      warmUp: () => warmed(split.warmUps),
      loopMeter: createLoopMeter(),
    },
    follow(followed) {
      controller = followed
    },
    addWarmUp(task) {
      split.warmUps.add(task)
      if (split.isReady) void warmAgain(split, controller)
    },
    close() {
      isClosed = true
      serving.close()
    },
  }
}

/** Creates a log of the errors of the models. Each line is also an event. */
function createModelErrors(versions: Versions, clock: Clock, events: Events): ModelErrorLog {
  return createModelErrorLog({
    clock,
    onError: (variant, error) =>
      events.emit('model-error', { at: error.lastAt, variant, version: versions[variant], ...error }),
  })
}

/** Begins a stay at another weight, with counts of zero. */
function openStay(
  next: VisitedSplit,
  { answers: lines, answered }: Calibration,
  {
    clock,
    recorder,
    replica,
    answers,
    watches,
    split,
    modelErrors,
  }: {
    readonly clock: Clock
    readonly recorder: Recorder
    readonly replica: Pick<OwnCounts, 'leave' | 'enter'>
    readonly answers: Serving<string>['answers']
    readonly watches: HarmWatches
    readonly split: Pick<ProcessSplit, 'unit'>
    readonly modelErrors: Pick<ModelErrorLog, 'forget'>
  },
): void {
  const { epoch, step, visit } = next
  const before = recorder.window
  if (step === before.step && epoch === before.epoch && visit === before.visit) return
  const at = clock.elapsed()
  if (epoch !== before.epoch) {
    answers.freeze(lines)
    modelErrors.forget('canary')
  }
  watches.open(next, at, answered)
  replica.leave()
  recorder.open({ epoch, step, visit, unit: split.unit }, at)
  replica.enter()
}

/** Runs the warm-ups. Rejects `WARM_UP_FAILED`, whatever they fail with. */
async function warmed(warmUps: WarmUps): Promise<void> {
  try {
    await warmUps.run()
  } catch (cause) {
    if (isCanaryError(cause, 'WARM_UP_FAILED')) throw cause
    throw new CanaryError('WARM_UP_FAILED', messageOf(cause), { cause })
  }
}

/** Warms the canary, and once more if a warm-up was added meanwhile. */
async function warmAgain(split: ProcessSplit, controller: FollowedController | undefined): Promise<void> {
  await controller?.warm()
  if (split.isCold()) await controller?.warm()
}
