import type { Calibration } from '../judging/judge.js'
import type { SourceWindow } from '../rollout/ports.js'
import { type Change, freshRollout, takeUp } from '../rollout/record.js'
import type { Head } from '../rollout/records.js'
import { describeOverruled } from '../rollout/retell.js'
import { shareOf } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Couriers } from './couriers.js'
import { createDecider, type Decider } from './decider.js'
import { createLedger, type Judging, type LedgerOptions } from './ledger.js'
import { createChangeMaker } from './make-change.js'
import { createReopenedStay, windowOf } from './reopened-stay.js'
import { createStayTime } from './stay-time.js'

/** Applies events to the rollout, and measures the time between them. */
export interface Dispatcher extends Decider {
  /** The newest state, with the moment from which this process counts. */
  readonly current: StoredRollout
  /** True while a change that is in effect here is not stored yet. */
  readonly isAhead: boolean
  /** True once the store has shown a rollout that this process did not write itself. */
  readonly hasHeard: boolean
  /** The stay at the present weight, and since when. */
  readonly window: SourceWindow
  /** Time since the last change, in milliseconds. */
  sinceMs(): number
  /** The part of it that counts as time in the step: watched time, and 0 while the decided weight is not in force. */
  passedMs(): number
  /** Records that the decided weight came into force only now: time and counts begin here. */
  reopen(): void
  /** Records a look: the time up to now was watched. Returns the time since the look before, in milliseconds. */
  look(): number
  /**
   * Resumes the stored rollout. With `isRound`, the time since another process wrote it counts as time between looks.
   */
  load(isRound?: boolean): Promise<void>
  /** Adopts a head that the store has shown; `null` if the store is empty. */
  hear(head: Head | null): void
  /** Returns the stored rollout without resuming it. Rejects with the error of the store. */
  stored(): Promise<StoredRollout | undefined>
  /** Connects the dispatcher with the outputs of the rollout. Must be called once, before anything is dispatched. */
  connect(links: DispatcherLinks): void
  close(): void
}

/** The functions that a dispatcher calls on changes of the rollout. */
export interface DispatcherLinks {
  /** Returns whether the weight in force is the decided one; until then no time passes for the rollout. */
  readonly isInForce: () => boolean
  /** Stores messages together with decisions. */
  readonly couriers: Pick<Couriers, 'made' | 'stamp'>
  /** Called whenever the rollout has changed in this process, regardless of which process changed it. */
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Called with every decision of this process. */
  readonly onDecided: (change: Change) => void
  /** Called when a reduction was stored over what another process had written in the meantime. */
  readonly onRetold: () => void
}

/** The options of {@link createDispatcher}. */
export interface DispatcherOptions {
  readonly rollout: ResolvedRollout
  readonly calibrate: () => Calibration
  /** The right to judge; left out without a fleet. */
  readonly judging?: Judging | undefined
  /** Called with every write that runs in the background. */
  readonly onWriting: (written: Promise<void>) => void
  /** Called when a reduction of this process was dropped because the store held another rollout, with more canary. */
  readonly onOverruled: (message: string) => void
  /** Called when the store had permanently lost writes and was repaired. */
  readonly onLost: (message: string) => void
  readonly onStoreFailure: (error: unknown) => void
  readonly onStoreAnswer: () => void
}

/** The links before `connect`: they do nothing. */
const UNCONNECTED: DispatcherLinks = {
  isInForce: () => true,
  couriers: { made: () => [], stamp: (next) => next },
  onChange() {},
  onDecided() {},
  onRetold() {},
}

/** Creates a dispatcher. Only the ledger changes the state. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { rollout, judging, calibrate, onWriting } = options
  const { clock, intervalMs } = rollout
  const time = createStayTime(clock, intervalMs)
  const { countedOf, reopen } = createReopenedStay(clock)
  let links = UNCONNECTED

  const changes = createChangeMaker({ rollout, calibrate, countedOf, couriers: () => links.couriers })
  const ledger = createLedger({
    ...ledgerOptionsOf(options),
    onChange(before, after) {
      time.changed(before, after)
      links.onChange(before, after)
    },
    onRetold: () => links.onRetold(),
  })
  const passedMs = (): number => (links.isInForce() ? time.watchedMs() : 0)
  const onDecided = (change: Change): void => links.onDecided(change)
  const isJudge = (): boolean => judging?.lease !== undefined

  return {
    ...createDecider({ ledger, changes, time, isJudge, countedOf, passedMs, onDecided, onWriting }),
    get current() {
      return countedOf(ledger.current)
    },
    get isAhead() {
      return ledger.isAhead
    },
    get hasHeard() {
      return ledger.hasHeard
    },
    get window() {
      return windowOf(countedOf(ledger.current))
    },
    sinceMs: time.sinceMs,
    passedMs,
    look: time.look,
    reopen() {
      time.countFrom()
      reopen(ledger.current)
    },
    async load(isRound = false) {
      const { revision, savedAt } = ledger.current
      await ledger.load()
      const { current } = ledger
      if (!isRound || (current.revision === revision && current.savedAt === savedAt)) return
      const awayMs = current.savedAt === 0 ? 0 : clock.now() - current.savedAt // 0 if the body was lost
      time.resume(Math.max(0, awayMs), current.state.lookMs ?? 0)
    },
    hear: ledger.hear,
    stored: ledger.stored,
    connect(connected) {
      links = connected
    },
    close: ledger.close,
  }
}

/** Returns the options of the ledger that do not depend on the links. */
function ledgerOptionsOf(options: DispatcherOptions): Omit<LedgerOptions, 'onChange' | 'onRetold'> {
  const { rollout, judging, onLost, onStoreFailure, onStoreAnswer, onOverruled } = options
  const { store, clock, storeTimeoutMs } = rollout
  const fresh = freshRollout(rollout)
  return {
    ...{ store, clock, fresh, judging, onLost },
    timeoutMs: storeTimeoutMs,
    adopt: (stored) => takeUp(stored, fresh, store.fleet !== undefined),
    onOverruled(ours, theirs) {
      if (theirs.state.epoch === ours.state.epoch && shareOf(theirs.state) <= shareOf(ours.state)) return
      onOverruled(describeOverruled(ours.state, theirs.state))
    },
    onFailure: onStoreFailure,
    onAnswer: onStoreAnswer,
  }
}
