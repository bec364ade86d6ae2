import type { Calibration } from '../judging/judge.js'
import { isLive, type RolloutState } from '../rollout/state.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import { createWaiting } from '../runtime/waiting.js'
import type { ControllerParts } from './controller-parts.js'
import { type Couriers, createCouriers } from './couriers.js'
import { createDispatcher, type Dispatcher } from './dispatcher.js'
import { createGatekeeper, type Gatekeeper } from './gatekeeper.js'
import type { Lifetime } from './lifetime.js'
import { createOwnConfig, type OwnConfig } from './own-config.js'
import { createReplica, type Replica } from './replica.js'
import { createSplitOutput, type SplitOutput } from './split-output.js'
import { createStoreWatch, type StoreWatch } from './store-watch.js'
import { createTakeover, type Takeover } from './takeover.js'

/** A rollout in this process, and the parts that pass on its changes. */
export interface HeldRollout {
  readonly dispatcher: Dispatcher
  readonly output: SplitOutput
  readonly couriers: Couriers
  readonly gatekeeper: Gatekeeper
  readonly storeWatch: StoreWatch
  readonly state: () => RolloutState
  /** Returns whether the weight in force is the decided one. */
  readonly isInForce: () => boolean
  readonly onStoreFailure: (error: unknown) => void
  /** This process as one of several; `undefined` if the store is not shared by several processes. */
  readonly replica: Replica | undefined
  /** The options of this process against those of the rollout; `undefined` if the store is not shared. */
  readonly ownConfig: OwnConfig | undefined
  /** Replaces the options of the rollout by those of this process; `undefined` if the store is not shared. */
  readonly takeover: Takeover | undefined
  /** Returns whether this process judges the rollout. Without a fleet, every process does. */
  readonly isJudge: () => boolean
  /**
   * Returns whether this process reads its source and judges: for all, or only for harm, because nobody is known to
   * judge. A source of this process's own counts has a watch of its own instead.
   */
  readonly isWatching: () => boolean
  /** Resolves when this process judges, after this many milliseconds, or when pending calls are cut off. */
  readonly untilJudge: (limitMs: number) => Promise<void>
  /** Calls the function when this process begins or ceases to judge. */
  onLeads(listener: (isLeader: boolean) => void): void
}

/** Creates a rollout in this process that has not been started. */
export function holdRollout(parts: ControllerParts, lifetime: Lifetime): HeldRollout {
  const { rollout, target, events, alerts, onSplit, inForceHere } = parts
  const { course, clock, ioTimeoutMs } = rollout
  const { track, tracked } = lifetime
  const storeWatch = createStoreWatch({ events, alerts })
  const onStoreFailure = (cause: unknown, isReport = false): void => {
    if (!lifetime.cutOff.aborted) storeWatch.failed(cause, isReport)
  }
  const onAlert = (message: string): void => events.alert('store', message)
  const turns = createTurns(clock, lifetime.cutOff, () => isJudge())
  const { fleet } = rollout.store
  const ownConfig = fleet && createOwnConfig({ config: rollout.config, current: () => dispatcher.current, alerts })
  const replica: Replica | undefined =
    fleet &&
    createReplica({
      ...{ parts, fleet, onAlert, onStoreFailure },
      onReport: (failure) => (failure === null ? storeWatch.answered(true) : onStoreFailure(failure, true)),
      current: () => dispatcher.current,
      mayLead: () => !dispatcher.current.latest && (ownConfig?.isOther !== true || takeover?.isDue === true),
      hear: (head) => dispatcher.hear(head),
      onLeads: turns.tell,
    })
  const dispatcher: Dispatcher = createDispatcher({
    ...{ rollout, onOverruled: onAlert, onLost: onAlert, onStoreFailure },
    onStoreAnswer: () => storeWatch.answered(),
    judging: replica?.judging,
    calibrate: () => calibrated({ replica, dispatcher, isJudge }, parts),
    onWriting: track,
  })
  const takeover: Takeover | undefined =
    ownConfig &&
    createTakeover({ ...{ ownConfig, dispatcher, clock }, replica: () => replica, onNewConfig: rollout.onNewConfig })
  const state = (): RolloutState => dispatcher.current.state
  const gatekeeper = createGatekeeper({ course, clock, validMs: rollout.gateValidMs, report: events.report })
  const output = createSplitOutput({
    ...{ target, onSplit, inForceHere, clock, events, alerts, timeoutMs: ioTimeoutMs },
    hasHeard: () => dispatcher.hasHeard,
    leading: replica && (() => ({ lease: replica.judging.lease, fence: dispatcher.current.fence })),
    onLate() {
      gatekeeper.withdraw()
      dispatcher.reopen()
    },
    onTask: track,
  })
  const couriers = createCouriers({
    ...{ clock, events },
    current: () => dispatcher.current,
    isWriting: () => isLive(state()) && output.drift === null && output.refusal === null,
    isNotifier: () => isJudge(),
    writeOff: () => tracked(dispatcher.writeOff().catch(onStoreFailure)),
  })
  const isJudge = (): boolean =>
    replica === undefined || (replica.judging.lease !== undefined && ownConfig?.isOther !== true)
  const isWatching = (): boolean => isJudge() || (replica?.source === undefined && replica?.isLeft === true)
  const isInForce = (): boolean => !output.isUnderWay && output.drift === null
  return {
    ...{ dispatcher, output, couriers, gatekeeper, storeWatch, state, isInForce, isJudge, isWatching, onStoreFailure },
    ...{ replica, ownConfig, takeover, untilJudge: turns.until, onLeads: turns.onChange },
  }
}

/** Returns what is known of the baseline. A process that does not learn reads what the one that does has stored. */
function calibrated(
  { replica, dispatcher, isJudge }: Pick<HeldRollout, 'replica' | 'dispatcher' | 'isJudge'>,
  { source, pasts }: ControllerParts,
): Calibration {
  if (replica?.served && !isJudge()) pasts?.follow(dispatcher.current.pasts)
  return (replica?.source ?? source).calibrate?.() ?? {}
}

/** Creates what tells that this process begins or ceases to judge, and lets callers wait until it does. */
function createTurns(clock: Clock, signal: AbortSignal, isJudge: () => boolean) {
  const waiting = createWaiting()
  let listen = (_: boolean): void => {}
  return {
    tell(isLeader: boolean): void {
      waiting.tell()
      listen(isLeader)
    },
    onChange: (listener: (isLeader: boolean) => void) => void (listen = listener),
    until: (limitMs: number): Promise<void> =>
      withDeadline(clock, limitMs, () => waiting.until(isJudge), signal).catch(() => {}),
  }
}
