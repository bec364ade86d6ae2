import type { Calibration } from '../judging/judge.js'
import type { SourceWindow } from '../rollout/ports.js'
import { type Change, freshRollout, takeUp } from '../rollout/record.js'
import { describeOverruled } from '../rollout/retell.js'
import { shareOf } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/store.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Couriers } from './couriers.js'
import { createDecider, type Decider } from './decider.js'
import { createLedger, type LedgerOptions } from './ledger.js'
import { createChangeMaker } from './make-change.js'
import { createReopenedStay, windowOf } from './reopened-stay.js'
import { createStayTime } from './stay-time.js'

/** Brings events to the rollout, and measures the time between them. */
export interface Dispatcher extends Decider {
  /** The newest state, with the moment from which this process counts. */
  readonly current: StoredRollout
  /** Whether something is true here that the store has not taken yet. */
  readonly isAhead: boolean
  /** Whether the store has told of anything that this process did not write itself. */
  readonly hasHeard: boolean
  /** The stay at the present weight, and since when. */
  readonly window: SourceWindow
  /** Time since the last change, in milliseconds. */
  sinceMs(): number
  /** As much of it as counts as time in the step: what was watched, and none while another weight is in force than the decided one. */
  passedMs(): number
  /** The weight came into force only now: time and counts begin here. */
  reopen(): void
  /** A look is made: the time up to now was watched. Returns the time since the look before, in milliseconds. */
  look(): number
  /** Takes up what is stored. With `isRound` the time since another process put it away counts as time between two looks. */
  load(isRound?: boolean): Promise<void>
  /** Rerounds what is stored, and takes nothing of it up. Rejects with what the store fails with. */
  stored(): Promise<StoredRollout | undefined>
  /** Connects the dispatcher with what goes out of the rollout. To be called once, before anything is dispatched. */
  connect(links: DispatcherLinks): void
  close(): void
}

/** What hears of a rollout's changes, and what is asked about them. */
export interface DispatcherLinks {
  /** Whether the weight in force is the one that was decided; until then no time passes for the rollout. */
  readonly isInForce: () => boolean
  /** Keeps what is to be told beside what was decided. */
  readonly couriers: Pick<Couriers, 'made' | 'stamp'>
  /** Called whenever the rollout is another one here, whoever changed it. */
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Called with what this process decided. */
  readonly onDecided: (change: Change) => void
  /** Called when less canary is stored at last, over what another process wrote meanwhile. */
  readonly onRetold: () => void
}

/** What a dispatcher works on. */
export interface DispatcherOptions {
  readonly rollout: ResolvedRollout
  readonly calibrate: () => Calibration
  /** Called with every write that nobody waits for. */
  readonly onWriting: (written: Promise<void>) => void
  /** Called when the store held something else than what was forced here, and more canary by it. */
  readonly onOverruled: (message: string) => void
  /** Called when the store had lost writes for good, and it was put right. */
  readonly onLost: (message: string) => void
  readonly onStoreFailure: (error: unknown) => void
  readonly onStoreAnswer: () => void
}

/** Links to nothing: a rollout that nothing goes out of. */
const UNCONNECTED: DispatcherLinks = {
  isInForce: () => true,
  couriers: { made: () => [], stamp: (next) => next },
  onChange() {},
  onDecided() {},
  onRetold() {},
}

/** Makes a dispatcher. The state is written on one line, in the ledger. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { rollout, calibrate, onWriting } = options
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

  return {
    ...createDecider({ ledger, changes, time, countedOf, passedMs, onDecided, onWriting }),
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
      const { revision } = ledger.current
      await ledger.load()
      const { current } = ledger
      if (!isRound || current.revision === revision) return
      time.resume(Math.max(0, clock.now() - current.savedAt), current.state.lookMs ?? 0)
    },
    stored: ledger.stored,
    connect(connected) {
      links = connected
    },
    close: ledger.close,
  }
}

/** Returns what a ledger needs and is the same whatever the dispatcher is connected with. */
function ledgerOptionsOf(options: DispatcherOptions): Omit<LedgerOptions, 'onChange' | 'onRetold'> {
  const { rollout, onLost, onStoreFailure, onStoreAnswer, onOverruled } = options
  const { store, clock, ioTimeoutMs } = rollout
  const fresh = freshRollout(rollout)
  return {
    ...{ store, clock, fresh, onLost },
    timeoutMs: ioTimeoutMs,
    adopt: (stored) => takeUp(stored, fresh),
    onOverruled(ours, theirs) {
      if (theirs.state.epoch === ours.state.epoch && shareOf(theirs.state) <= shareOf(ours.state)) return
      onOverruled(describeOverruled(ours.state, theirs.state))
    },
    onFailure: onStoreFailure,
    onAnswer: onStoreAnswer,
  }
}
