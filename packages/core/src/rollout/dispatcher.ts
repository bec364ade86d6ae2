import type { Calibration } from '../analysis/judge.js'
import type { ResolvedRollout } from './controller-options.js'
import type { RolloutEvent } from './event.js'
import { createLedger } from './ledger.js'
import type { SourceWindow } from './ports.js'
import { type Change, change, freshRollout, type Occasion, takeUp } from './record.js'
import { describeOverruled, retell } from './retell.js'
import { isReduction, shareOf } from './state.js'
import type { StoredRollout } from './store.js'

/** What an event rests on, before it has a time. */
export type Ground = Omit<Occasion, 'at'>

/** Which event the newest state calls for; `undefined` for none. */
export type Choose = (current: StoredRollout) => readonly [RolloutEvent, Ground] | undefined

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
  /** The weight came into force only now: time and counts begin here. */
  reopen(): void
  /** Takes up what is stored; the first time at most `creditMs` count as passed since it was put away. */
  load(creditMs?: number): Promise<void>
  /**
   * Decides on the newest state. What takes canary away is true here before this returns, and is written afterwards;
   * everything else is written first. Tells whether something changed.
   */
  dispatch(choose: Choose): Promise<boolean>
  /** The first half of `dispatch`: acts only on what takes canary away, and tells whether it did. */
  reduce(choose: Choose): boolean
  /** Is true here at once, before this returns; the promise is kept when the store follows. */
  force(event: RolloutEvent, ground: Ground): Promise<void>
  close(): void
}

/** What a dispatcher works on. */
export interface DispatcherOptions {
  readonly rollout: ResolvedRollout
  readonly calibrate: () => Calibration
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

/** Makes a dispatcher. The state is written on one line, in the ledger. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { rollout, calibrate, isInForce, onDecided } = options
  const { course, clock, judge, guardrails, historySize, replaySize, maxStoredBytes, store } = rollout
  const { ioTimeoutMs: timeoutMs } = rollout
  const limits = { historySize, replaySize, maxStoredBytes }
  const bench = { judge, guardrails, course }
  const fresh = freshRollout(rollout)
  let mark = clock.elapsed()
  let isLoaded = false
  let reopened: (SourceWindow & { readonly instead: number }) | undefined

  const ledger = createLedger({
    store,
    clock,
    fresh,
    timeoutMs,
    adopt: (stored) => takeUp(stored, fresh),
    onChange(before, after) {
      mark = clock.elapsed()
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
  const passedMs = (at: number): number => (isInForce() ? at - mark : 0)
  const changed = (current: StoredRollout, event: RolloutEvent, ground: Ground): Change | undefined =>
    change(counted(current), event, { at: clock.now(), ...ground }, { bench, ...limits, calibrate })

  const begun = (event: RolloutEvent, ground: Ground): Change | undefined =>
    changed(ledger.current, { ...event, sinceMs: passedMs(clock.elapsed()) }, ground)

  /** True here at once; the promise is kept when the store follows. */
  const act = (made: Change, event: RolloutEvent, ground: Ground): Promise<void> => {
    const written = ledger.force(made.next, (theirs) => {
      const retold = retell(event, made.next.state, theirs.state)
      return retold === 'ours' ? made.next : retold && changed(theirs, retold, ground)?.next
    })
    onDecided(made)
    return written
  }

  const reduce: Dispatcher['reduce'] = (choose) => {
    const { current } = ledger
    const [event, ground] = choose(counted(current)) ?? []
    const made = event && ground && begun(event, ground)
    if (made === undefined || !isReduction(current.state, made.next.state)) return false
    options.onWriting(act(made, event!, ground!))
    return true
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
    reopen() {
      mark = clock.elapsed()
      reopened = { ...windowOf(ledger.current), openedAt: clock.now(), instead: ledger.current.openedAt }
    },
    async load(creditMs = 0) {
      await ledger.load()
      if (isLoaded) return
      isLoaded = true
      mark -= Math.min(Math.max(0, clock.now() - ledger.current.savedAt), creditMs)
    },
    reduce,
    async dispatch(choose) {
      if (reduce(choose)) return true
      let made: Change | undefined
      let at = mark
      const isTaken = await ledger.commit((current) => {
        at = clock.elapsed()
        const [event, ground] = choose(counted(current)) ?? []
        made = event && ground && changed(current, { ...event, sinceMs: passedMs(at) }, ground)
        return made?.next
      })
      if (!isTaken || made === undefined) return false
      mark = at // the write took time, and that counts
      onDecided(made)
      return true
    },
    async force(event, ground) {
      const made = begun(event, ground)
      if (made !== undefined) await act(made, event, ground)
    },
    close: ledger.close,
  }
}
