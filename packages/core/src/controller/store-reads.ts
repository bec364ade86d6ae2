import { compareEnds, isSameWrite, joined } from '../rollout/order.js'
import { NOTHING_STORED, type StoredPlace } from '../rollout/stored-records.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import type { Clock } from '../runtime/clock.js'
import type { InTurn } from '../runtime/in-turn.js'
import type { CheckedStore } from './checked-store.js'
import type { KnownRollout } from './known-rollout.js'
import { describeLost, type OlderReads } from './older-reads.js'

/** Reads the store and adopts newer rollouts. */
export interface StoreReads {
  /** True once the store has shown a rollout that this process did not write itself. */
  readonly hasHeard: boolean
  /**
   * Reads the store and adopts its rollout, if that is later than the known one; otherwise writes the known one into
   * the store. With `isWriting` the caller writes next, and this does not. Must be run in turn.
   */
  reload(isWriting?: boolean): Promise<void>
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
  const { known, checked, older, clock, inTurn, isAhead, onLost, onFailure } = options
  let hasHeard = false
  const retryAfter = (failure: unknown): void => {
    onFailure(failure)
    again.later()
  }
  const again = createLater(clock, () => void inTurn(() => reload()).catch(retryAfter))

  const replace = createReplace(options, again.later)

  /** Adopts what is stored. Its revision may be lower than the known one, if the store had lost writes. */
  const follow = (stored: StoredRollout): void => {
    const { revision } = known.current
    older.forget()
    hasHeard = true
    known.expect(stored)
    known.become(stored)
    if (stored.revision < revision) onLost(describeLost(stored.revision, revision))
  }

  const reload = async (isWriting = false): Promise<void> => {
    const stored = await checked.read()
    if (isAhead()) return
    const { current } = known
    if (stored === undefined) return replace(NOTHING_STORED, isWriting)
    if (isSameWrite(stored, current)) {
      older.forget()
      known.expect(stored)
      if (bodyStampOf(stored) !== bodyStampOf(current)) known.become(stored) // a newer body of the same head
      return
    }
    const valid = joined(stored, current)
    if (valid === stored) return follow(stored)
    if (stored.revision < current.revision && compareEnds(stored, current) <= 0) {
      // perhaps a late read
      if (!older.add(stored.revision, clock.elapsed())) return again.later()
    } else hasHeard = true
    older.forget()
    if (valid !== current) known.become(valid)
    await replace(stored, isWriting)
  }

  return {
    get hasHeard() {
      return hasHeard
    },
    reload,
    ...again,
  }
}

/** Returns what differs between two bodies of one head: when the last look was stored, and the last past. */
const bodyStampOf = ({ savedAt, pasts }: StoredRollout): string => `${savedAt} ${pasts?.[0]?.at}`

/**
 * Returns the function that writes the known rollout over a stored head, so that other processes adopt it. With `isWriting` the caller writes. A rollout that never began is not written.
 */
function createReplace({ known, onRetold }: Pick<StoreReadsOptions, 'known' | 'onRetold'>, later: () => void) {
  return async (over: StoredPlace, isWriting: boolean): Promise<void> => {
    known.expect(over)
    const before = known.current
    if (isWriting || before.state.state === 'idle') return
    const written = await known.write(before, over)
    if (written === undefined) return later()
    if (known.current !== before) return // a forced change came in between, and is written next
    known.moveTo(written)
    if (over.revision > 0) onRetold()
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
