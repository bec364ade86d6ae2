import type { StoredRollout } from '../rollout/store.js'
import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import type { Clock } from '../runtime/clock.js'
import type { InTurn } from '../runtime/in-turn.js'
import type { CheckedStore } from './checked-store.js'
import type { KnownRollout } from './known-rollout.js'
import { describeLost, type OlderReads, undoes } from './older-reads.js'

/** Reads the store and adopts newer rollouts. */
export interface StoreReads {
  /** True once the store has shown a rollout that this process did not write itself. */
  readonly hasHeard: boolean
  /** Reads the store and adopts its rollout, unless that is older than the known one. Must be run in turn. */
  reload(): Promise<void>
  /** Schedules another read, because the store answered with older state than is known here. */
  later(): void
  close(): void
}

/** The options of {@link createStoreReads}. */
export interface StoreReadsOptions {
  readonly known: KnownRollout
  readonly checked: CheckedStore
  readonly older: OlderReads
  readonly clock: Clock
  readonly inTurn: InTurn
  /** Returns whether a change that is in effect here is not stored yet; if so, nothing is adopted. */
  readonly isAhead: () => boolean
  /** Called when the known rollout was written over a rollout that another process may have acted on. */
  readonly onRetold: () => void
  /** Called with a sentence when the store had permanently lost the known rollout and was repaired. */
  readonly onLost: (message: string) => void
  readonly onFailure: (error: unknown) => void
}

/** How long to wait before the next read if the store had older state than is known here, in milliseconds. */
const OLDER_AGAIN: BackOff = { firstMs: 10_000, longestMs: 10_000 }

/** Creates an object that has not read the store. */
export function createStoreReads(options: StoreReadsOptions): StoreReads {
  const { known, checked, older, clock, inTurn, isAhead, onRetold, onLost, onFailure } = options
  let hasHeard = false
  const retryAfter = (failure: unknown): void => {
    onFailure(failure)
    again.later()
  }
  const again = createLater(clock, () => void inTurn(reload).catch(retryAfter))

  /** Writes the known rollout over a stored revision, so that other processes adopt it. */
  const putBack = async (over: number): Promise<void> => {
    const written = await known.write(known.current, over)
    if (written === undefined) return again.later()
    known.renumber(written.revision)
    onRetold()
  }

  /**
   * Handles a stored rollout that is older than the known one. It is ignored, unless the store has permanently lost its
   * last writes. Then the known rollout is written back, or the stored one is adopted if its epoch is later.
   */
  const takeOver = async (stored: StoredRollout): Promise<void> => {
    if (!older.add(stored.revision, clock.elapsed())) return again.later()
    older.forget()
    if (stored.state.epoch <= known.current.state.epoch) return putBack(stored.revision)
    const { revision } = known.current
    hasHeard = true
    known.expect(stored.revision)
    known.become(stored)
    onLost(describeLost(stored.revision, revision))
  }

  const reload = async (): Promise<void> => {
    const stored = await checked.read()
    if (isAhead()) return
    if (stored === undefined) return known.expect(0) // the next write fills the emptied store
    if (stored.revision < known.current.revision) return takeOver(stored)
    older.forget()
    known.expect(stored.revision)
    if (stored.revision === known.current.revision) return
    hasHeard = true
    if (!undoes(stored, known.current)) return known.become(stored)
    known.renumber(stored.revision) // the next write replaces it; after a rollback there is no next write
    if (known.current.state.state === 'rolled-back') await putBack(stored.revision)
  }

  return {
    get hasHeard() {
      return hasHeard
    },
    reload,
    ...again,
  }
}

/** Returns a function that runs a task after a pause, unless a run is already scheduled. */
function createLater(clock: Clock, task: () => void): Pick<StoreReads, 'later' | 'close'> {
  let cancel: (() => void) | undefined
  let isClosed = false
  return {
    later() {
      if (isClosed) return
      cancel ??= clock.schedule(pauseBeforeTry(OLDER_AGAIN, 0), () => {
        cancel = undefined
        if (!isClosed) task()
      })
    },
    close() {
      isClosed = true
      cancel?.()
    },
  }
}
