import { CanaryError } from '../foundation/errors.js'
import type { StoredRollout } from '../rollout/store.js'
import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import { backOff } from '../runtime/deadline.js'
import { isThenable, adopt as promiseOf } from '../runtime/thenable.js'
import { type CheckedStoreOptions, createCheckedStore, isRevision } from './checked-store.js'
import { createOlderReads, describeLost, isNewer, undoes } from './older-reads.js'

/** How often a change is decided anew because somebody else wrote first. */
const MOST_CONFLICTS = 10

/** How long after a read that found older state than is known here the store is read once more, in milliseconds. */
const OLDER_AGAIN: BackOff = { firstMs: 10_000, longestMs: 10_000 }

const CONFLICTS_ADVICE =
  'check that load() and compareAndSet() of the store see the same, and how many controllers share it'

/** What a change makes of a rollout; `undefined` changes nothing. */
export type Decide = (current: StoredRollout) => StoredRollout | undefined

/** The rollout as this process knows it, in step with the store. */
export interface Ledger {
  readonly current: StoredRollout
  /** Whether something is true here that the store has not taken yet. */
  readonly isAhead: boolean
  /** Whether the store has told of anything that this process did not write itself. */
  readonly hasHeard: boolean
  /** Takes up what is stored. */
  load(): Promise<void>
  /** Decides on the newest state, writes, and only then lets it be true here. Tells whether it took. */
  commit(decide: Decide): Promise<boolean>
  /**
   * Is true here at once and is written until it is taken: for everything that takes canary away.
   * `again` makes the same change to what somebody else wrote in between; `undefined` lets that stand instead.
   */
  force(next: StoredRollout, again: Decide): Promise<void>
  close(): void
}

/** What a ledger needs. */
export interface LedgerOptions extends Omit<CheckedStoreOptions, 'signal'> {
  readonly fresh: StoredRollout
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Told of what the store held instead of a forced change, which was given up for it. */
  readonly onOverruled: (ours: StoredRollout, theirs: StoredRollout) => void
  /** Told when a forced change is in the store, over what somebody else had written in between: they may have acted on theirs. */
  readonly onRetold: () => void
  /** Told when the store had lost what was known here, for good: in a sentence, once it is put right. */
  readonly onLost: (message: string) => void
  /** Told of what failed where nobody waits for it. */
  readonly onFailure: (error: unknown) => void
}

/** Makes a ledger. Writes happen one after another; a forced change overtakes them here, not in the store. */
export function createLedger(options: LedgerOptions): Ledger {
  const { store, clock, onFailure } = options
  const closing = new AbortController()
  const checked = createCheckedStore({ ...options, signal: closing.signal })
  const older = createOlderReads()
  let current = options.fresh
  let expected = 0 // what the next write goes over: below the revision known here where the store has lost writes
  let hasHeard = false
  let forced = 0 // changes that are true here and not yet in the store
  let hurry = new AbortController() // aborted when a forced change waits for its turn
  let cancelReread: (() => void) | undefined
  let tail: Promise<unknown> = Promise.resolve()

  /** Writes over a revision. Resolves to what is stored then, or to `undefined` where another revision was. */
  const write = async (next: StoredRollout, over: number): Promise<StoredRollout | undefined> => {
    const { revision: known } = current
    const written = { ...next, revision: Math.max(over, known) + 1 } // above every one that somebody may have seen
    if (!(await checked.write(written, over))) return undefined
    expected = written.revision
    if (over < known) options.onLost(describeLost(over, known))
    return written
  }
  const exclusively = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const result = tail.then(task)
    tail = result.catch(() => {})
    return result
  }

  const become = (next: StoredRollout): void => {
    const before = current
    current = next
    options.onChange(before, next)
  }

  /** Reads the store again in a while, where it answered with older state than is known here. */
  const rereadLater = (): void => {
    if (closing.signal.aborted) return
    cancelReread ??= clock.schedule(pauseBeforeTry(OLDER_AGAIN, 0), () => {
      cancelReread = undefined
      if (!closing.signal.aborted) void exclusively(reload).catch(rereadAfter)
    })
  }
  const rereadAfter = (failure: unknown): void => {
    onFailure(failure)
    rereadLater()
  }

  const reload = async (): Promise<void> => {
    const stored = await checked.read()
    if (forced > 0) return
    if (stored === undefined) {
      expected = 0 // an emptied store gets back what is known here
      return
    }
    if (stored.revision < current.revision) return takeOver(stored)
    older.forget()
    expected = stored.revision
    if (stored.revision === current.revision) return
    hasHeard = true
    if (!undoes(stored, current)) return become(stored)
    current = { ...current, revision: stored.revision } // the next write goes over it, and after a rollback there is none
    if (current.state.status === 'rolled-back') await putBack(stored.revision)
  }

  /** Writes what is known here over a revision, for those who took that up. */
  const putBack = async (over: number): Promise<void> => {
    const written = await write(current, over)
    if (written === undefined) return rereadLater()
    current = { ...current, revision: written.revision }
    options.onRetold()
  }

  /** What is older than what is known here is no news, unless the store was put back to it: then it gets what is known here. */
  const takeOver = async (stored: StoredRollout): Promise<void> => {
    if (!older.add(stored.revision, clock.elapsed())) return rereadLater()
    older.forget()
    if (stored.state.epoch > current.state.epoch) {
      const { revision: known } = current
      hasHeard = true
      expected = stored.revision
      become(stored)
      options.onLost(describeLost(stored.revision, known))
      return
    }
    await putBack(stored.revision)
  }

  const commit: Ledger['commit'] = (decide) =>
    exclusively(async () => {
      const { signal } = hurry
      for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
        const [before, over] = [current, expected]
        const next = decide(before)
        if (next === undefined) return false
        const written = await write(next, over)
        if (current !== before) return false // forced meanwhile: that is on its way into the store
        if (written !== undefined) {
          become(written)
          return true
        }
        await reload()
        const isNews = current !== before || expected !== over
        if (conflicts > 0 || !isNews) await backOff(clock, conflicts, signal)
        if (signal.aborted && !closing.signal.aborted) return false
      }
      throw new CanaryError('STORE_FAILED', `gave up after ${MOST_CONFLICTS} write conflicts; ${CONFLICTS_ADVICE}`)
    })

  /** One try to bring a forced change into the store; false if somebody else wrote in between. */
  const push = async (from: number, next: StoredRollout, again: Decide): Promise<boolean> => {
    const stored = await checked.read()
    const known = current.revision
    const isOlder = stored !== undefined && stored.revision < known
    if (!isOlder) older.forget()
    const isLost = isOlder && older.add(stored.revision, clock.elapsed())
    if (isLost) older.forget()
    // a read that is late says nothing, and what is known here may be what is there
    if (isOlder && !isLost) return from === known && settleIf(await write(next, known))
    const isOurs = stored === undefined || stored.revision === from || (isLost && !isNewer(stored, next))
    const wanted = isOurs ? next : again(stored)
    if (wanted === undefined) {
      options.onOverruled(next, stored!)
      expected = stored!.revision
      settle(stored!)
      return true
    }
    if (!settleIf(await write(wanted, stored?.revision ?? 0))) return false
    if (!isOurs || isLost) options.onRetold()
    return true
  }

  const settleIf = (written: StoredRollout | undefined): boolean => {
    if (written !== undefined) settle(written)
    return written !== undefined
  }

  /** What the store holds is true here too, but for forced changes that are still on their way. */
  const settle = (stored: StoredRollout): void =>
    become(forced === 1 ? stored : { ...current, revision: stored.revision })

  const pushUntilTaken = async (from: number, next: StoredRollout, again: Decide): Promise<void> => {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      const isTaken = await push(from, next, again).catch((error: unknown) => {
        if (!closing.signal.aborted) onFailure(error)
        return undefined
      })
      if (isTaken === true) return
      if (isTaken === undefined || failures > 0) await backOff(clock, failures, closing.signal) // a race lost once is tried at once
    }
  }

  const unsubscribe = store.subscribe((stored) => {
    if (closing.signal.aborted || !isRevision(stored?.revision)) return
    const { revision } = stored
    if (revision < current.revision) return rereadLater()
    void exclusively(async () => (revision > current.revision ? reload() : undefined)).catch(onFailure)
  })

  if (isThenable(unsubscribe)) promiseOf(unsubscribe).catch(onFailure) // a store whose subscribing is asynchronous

  return {
    get current() {
      return current
    },
    get isAhead() {
      return forced > 0
    },
    get hasHeard() {
      return hasHeard
    },
    load: () => exclusively(reload),
    commit,
    force(next, again) {
      const { revision } = current
      forced += 1
      become(next)
      hurry.abort()
      hurry = new AbortController()
      return exclusively(async () => {
        await pushUntilTaken(revision, next, again)
        forced -= 1
      })
    },
    close() {
      closing.abort()
      hurry.abort()
      cancelReread?.()
      try {
        unsubscribe()
      } catch (cause) {
        onFailure(cause)
      }
    },
  }
}
