import type { StoredRollout } from '../rollout/store.js'
import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import type { Clock } from '../runtime/clock.js'
import type { InTurn } from '../runtime/in-turn.js'
import type { CheckedStore } from './checked-store.js'
import type { KnownRollout } from './known-rollout.js'
import { describeLost, type OlderReads, undoes } from './older-reads.js'

/** Takes up what the store holds. */
export interface StoreReads {
  /** Whether the store has told of anything that this process did not write itself. */
  readonly hasHeard: boolean
  /** Reads the store and takes up what it holds, unless that is older than what is known here. To be run in its turn. */
  reload(): Promise<void>
  /** Reads again in a while: the store answered with older state than is known here. */
  later(): void
  close(): void
}

/** What reading the store needs. */
export interface StoreReadsOptions {
  readonly known: KnownRollout
  readonly checked: CheckedStore
  readonly older: OlderReads
  readonly clock: Clock
  readonly inTurn: InTurn
  /** Whether something is true here that the store has not taken yet: then nothing is taken up. */
  readonly isAhead: () => boolean
  /** Called when what is known here was written over what another process may have acted on. */
  readonly onRetold: () => void
  /** Called when the store had lost what was known here, for good: with a sentence, once it is put right. */
  readonly onLost: (message: string) => void
  readonly onFailure: (error: unknown) => void
}

/** How long after a read that found older state than is known here the store is read once more, in milliseconds. */
const OLDER_AGAIN: BackOff = { firstMs: 10_000, longestMs: 10_000 }

/** Begins with nothing read. */
export function createStoreReads(options: StoreReadsOptions): StoreReads {
  const { known, checked, older, clock, inTurn, isAhead, onRetold, onLost, onFailure } = options
  let hasHeard = false
  const retryAfter = (failure: unknown): void => {
    onFailure(failure)
    again.later()
  }
  const again = createLater(clock, () => void inTurn(reload).catch(retryAfter))

  /** Writes what is known here over a revision, for those who took that up. */
  const putBack = async (over: number): Promise<void> => {
    const written = await known.write(known.current, over)
    if (written === undefined) return again.later()
    known.renumber(written.revision)
    onRetold()
  }

  /** What is older than what is known here is no news, unless the store was put back to it: then it gets what is known here. */
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
    if (stored === undefined) return known.expect(0) // an emptied store gets back what is known here
    if (stored.revision < known.current.revision) return takeOver(stored)
    older.forget()
    known.expect(stored.revision)
    if (stored.revision === known.current.revision) return
    hasHeard = true
    if (!undoes(stored, known.current)) return known.become(stored)
    known.renumber(stored.revision) // the next write goes over it, and after a rollback there is none
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

/** Runs a task in a while, unless it is to be run already. */
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
