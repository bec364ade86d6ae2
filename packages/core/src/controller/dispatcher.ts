import type { Calibration } from '../judging/judge.js'
import type { RolloutEvent } from '../rollout/event.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import type { SourceWindow } from '../rollout/ports.js'
import { type Change, change, freshRollout, type Occasion, takeUp } from '../rollout/record.js'
import { describeOverruled, retell } from '../rollout/retell.js'
import { isReduction, shareOf } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/store.js'
import { fitInto } from '../rollout/stored-size.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Couriers } from './couriers.js'
import { createLedger, type ToWrite } from './ledger.js'
import { createWatchedTime } from './watched-time.js'

/** What an event rests on, before it has a time. */
export type Ground = Omit<Occasion, 'at'>

/** An event and what it rests on. Its maker may put more into it, and gets that back with the change. */
export interface Choice {
  readonly event: RolloutEvent
  readonly ground: Ground
}

/** Returns what the newest state calls for, or `undefined` if that is nothing. */
export type Choose<Chosen extends Choice = Choice> = (current: StoredRollout) => Chosen | undefined

/** A change that was made, and the choice that led to it. */
export interface Dispatched<Chosen extends Choice = Choice> extends Change {
  readonly chosen: Chosen
}

/** Brings events to the rollout, and measures the time between them. */
export interface Dispatcher {
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
  /** Takes up what is stored. With `isTurn` the time since another process put it away counts as time between two looks. */
  load(isTurn?: boolean): Promise<void>
  /**
   * Decides on the newest state. What takes canary away is true here before this returns, and is written afterwards;
   * everything else is written first. Resolves to the change, or to `undefined` if nothing changed.
   */
  dispatch<Chosen extends Choice>(choose: Choose<Chosen>): Promise<Dispatched<Chosen> | undefined>
  /** The first half of `dispatch`: makes only a change that takes canary away. */
  reduce<Chosen extends Choice>(choose: Choose<Chosen>): Dispatched<Chosen> | undefined
  /** Is true here at once, before this returns; the promise is kept when the store follows. */
  force(event: RolloutEvent, ground: Ground): Promise<void>
  /** Writes what is stored once more where messages in it are through, or others wait. */
  writeOff(): Promise<void>
  close(): void
}

/** What a dispatcher works on. */
export interface DispatcherOptions {
  readonly rollout: ResolvedRollout
  readonly calibrate: () => Calibration
  /** Keeps what is to be told beside what was decided. */
  readonly couriers: Pick<Couriers, 'made' | 'stamp'>
  /** Whether the weight in force is the one that was decided; until then no time passes for the rollout. */
  readonly isInForce: () => boolean
  /** Called whenever the rollout is another one here, whoever changed it. */
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Called with what this process decided. */
  readonly onDecided: (change: Change) => void
  /** Called with every write that nobody waits for. */
  readonly onWriting: (written: Promise<void>) => void
  /** Called when the store held something else than what was forced here, and more canary by it. */
  readonly onOverruled: (message: string) => void
  /** Called when less canary is stored at last, over what another process wrote meanwhile. */
  readonly onRetold: () => void
  /** Called when the store had lost writes for good, and it was put right. */
  readonly onLost: (message: string) => void
  readonly onStoreFailure: (error: unknown) => void
  readonly onStoreAnswer: () => void
}

/** A change with what is to be told of it. */
interface Made extends Change {
  readonly messages: readonly OwedMessage[]
}

/** Makes a dispatcher. The state is written on one line, in the ledger. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { rollout, calibrate, isInForce, onDecided, couriers } = options
  const { course, clock, judge, guardrails, intervalMs, historySize, replaySize, maxStoredBytes, store } = rollout
  const { ioTimeoutMs: timeoutMs } = rollout
  const limits = { historySize, replaySize, maxStoredBytes }
  const bench = { judge, guardrails, course }
  const fresh = freshRollout(rollout)
  const watched = createWatchedTime(clock, intervalMs)
  let mark = clock.elapsed()
  let watchedMark = watched.now()
  let reopened: (SourceWindow & { readonly instead: number }) | undefined

  const ledger = createLedger({
    store,
    clock,
    fresh,
    timeoutMs,
    adopt: (stored) => takeUp(stored, fresh),
    onChange(before, after) {
      if (after.state.epoch !== before.state.epoch || before.state.weight === 0) watched.begin()
      else if (after.state.arrivals !== before.state.arrivals) watched.resume(0, after.state.lookMs ?? 0) // somebody looked
      setMark(clock.elapsed())
      options.onChange(before, after)
    },
    onOverruled(ours, theirs) {
      if (theirs.state.epoch === ours.state.epoch && shareOf(theirs.state) <= shareOf(ours.state)) return
      options.onOverruled(describeOverruled(ours.state, theirs.state))
    },
    onRetold: options.onRetold,
    onLost: options.onLost,
    onFailure: options.onStoreFailure,
    onAnswer: options.onStoreAnswer,
  })

  /** A later opening holds until one is stored, by whichever replica; what was counted before it is none of it. */
  const counted = (current: StoredRollout): StoredRollout => {
    const { epoch, step } = current.state
    if (reopened?.epoch !== epoch || reopened.step !== step || reopened.instead !== current.openedAt) return current
    return { ...current, openedAt: reopened.openedAt, cumulative: null }
  }
  const windowOf = ({ state: { epoch, step }, openedAt }: StoredRollout): SourceWindow => ({ epoch, step, openedAt })
  const sinceMs = (): number => clock.elapsed() - mark
  const setMark = (at: number, watchedAt = watched.now()): void => {
    mark = at
    watchedMark = watchedAt
  }
  const passedMs = (): number => (isInForce() ? Math.max(0, watched.now() - watchedMark) : 0)
  /** What is to be told of a change goes into the same write; `told` is what was told of it already. */
  const changed = (
    current: StoredRollout,
    event: RolloutEvent,
    ground: Ground,
    told?: readonly OwedMessage[],
  ): Made | undefined => {
    const at = clock.now()
    const made = change(counted(current), { at, ...event }, { at, ...ground }, { bench, ...limits, calibrate })
    if (made === undefined) return undefined
    const messages = told ?? couriers.made(current, made.next)
    const next = couriers.stamp(made.next, messages)
    return { ...made, messages, next: next === made.next ? next : fitInto(next, maxStoredBytes) }
  }

  const begun = ({ event, ground }: Choice): Made | undefined =>
    changed(ledger.current, { ...event, sinceMs: passedMs() }, ground)

  /** True here at once; the promise is kept when the store follows. */
  const act = (made: Made, { event, ground }: Choice): Promise<void> => {
    const written = ledger.force(made.next, (theirs) => {
      const retold = retell(event, made.next.state, theirs.state)
      return retold === 'ours' ? made.next : retold && changed(theirs, retold, ground, made.messages)?.next
    })
    onDecided(made)
    return written
  }

  const reduce: Dispatcher['reduce'] = (choose) => {
    const { current } = ledger
    const chosen = choose(counted(current))
    const made = chosen && begun(chosen)
    if (made === undefined || !isReduction(current.state, made.next.state)) return undefined
    options.onWriting(act(made, chosen!))
    return { ...made, chosen: chosen! }
  }

  /** The change that the newest state calls for, and the moment it was decided: writing it takes time, and that counts. */
  const decidedNow = <Chosen extends Choice>(current: StoredRollout, choose: Choose<Chosen>) => {
    const moment = { at: clock.elapsed(), watchedAt: watched.now() }
    const chosen = choose(counted(current))
    const made = chosen && changed(current, { ...chosen.event, sinceMs: passedMs() }, chosen.ground)
    return made && { ...made, chosen: chosen!, ...moment }
  }

  /** What is stored with the messages as they are now; `undefined` where they are so, or nothing is known of the store. */
  const written = (current: StoredRollout): ToWrite | undefined => {
    const next = couriers.stamp(current)
    const isSame = JSON.stringify(next.outbox) === JSON.stringify(current.outbox)
    return isSame || current.revision === 0 ? undefined : { next: fitInto(next, maxStoredBytes) }
  }

  return {
    get current() {
      return counted(ledger.current)
    },
    get isAhead() {
      return ledger.isAhead
    },
    get hasHeard() {
      return ledger.hasHeard
    },
    get window() {
      return windowOf(counted(ledger.current))
    },
    sinceMs,
    passedMs,
    look: watched.look,
    reopen() {
      setMark(clock.elapsed())
      reopened = { ...windowOf(ledger.current), openedAt: clock.now(), instead: ledger.current.openedAt }
    },
    async load(isTurn = false) {
      const { revision } = ledger.current
      await ledger.load()
      const { current } = ledger
      if (!isTurn || current.revision === revision) return
      const awayMs = Math.max(0, clock.now() - current.savedAt)
      const watchedAt = watched.now()
      watched.resume(awayMs, current.state.lookMs ?? 0)
      setMark(clock.elapsed() - (watched.now() - watchedAt), watchedAt)
    },
    reduce,
    async dispatch(choose) {
      const reduced = reduce(choose)
      if (reduced !== undefined) return reduced
      const decided = await ledger.commit((current) => decidedNow(current, choose))
      if (decided === undefined) return undefined
      setMark(decided.at, decided.watchedAt)
      onDecided(decided)
      return decided
    },
    async force(event, ground) {
      const made = begun({ event, ground })
      if (made !== undefined) await act(made, { event, ground })
    },
    async writeOff() {
      if (written(ledger.current) !== undefined) await ledger.commit(written)
    },
    close: ledger.close,
  }
}
