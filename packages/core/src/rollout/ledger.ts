import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import { show } from '../options.js'
import { backOff, withDeadline } from './deadline.js'
import type { StateStore, StoredRollout } from './store.js'

/** How often a change is decided anew because somebody else wrote first. */
const MOST_CONFLICTS = 20

/** So many tries at once to bring a forced change into the store; after that there is a pause between two. */
const TRIES_AT_ONCE = 5

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
export interface LedgerOptions {
  readonly store: StateStore
  readonly clock: Clock
  readonly fresh: StoredRollout
  readonly timeoutMs: number
  /** Whether a stored rollout is one of ours; throws `INVALID_STATE`. */
  readonly adopt: (stored: StoredRollout) => StoredRollout
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Told of what the store held instead of a forced change, which was given up for it. */
  readonly onOverruled: (ours: StoredRollout, theirs: StoredRollout) => void
  /** Told when a forced change is in the store, over what somebody else had written in between: they may have acted on theirs. */
  readonly onRetold: () => void
  /** Told of what failed where nobody waits for it. */
  readonly onFailure: (error: unknown) => void
  /** Told whenever the store answered. */
  readonly onAnswer: () => void
}

/** Makes a ledger. Writes happen one after another; a forced change overtakes them here, not in the store. */
export function createLedger(options: LedgerOptions): Ledger {
  const { store, clock, timeoutMs, adopt, onFailure } = options
  const closing = new AbortController()
  let current = options.fresh
  let hasHeard = false
  let forced = 0 // changes that are true here and not yet in the store
  let tail: Promise<unknown> = Promise.resolve()

  const bounded = <Result>(task: () => Promise<Result>): Promise<Result> =>
    withDeadline(clock, timeoutMs, task, closing.signal)
  /** What is stored, and what it means to this process. */
  const read = async (): Promise<readonly [revision: number, adopted: StoredRollout | undefined]> => {
    const stored = await bounded(() => store.load())
    if (stored !== undefined && !Number.isSafeInteger(stored?.revision)) {
      throw new CanaryError('INVALID_STATE', `load() answered ${show(stored)}, which is no stored rollout`)
    }
    const adopted = stored && adopt(stored)
    options.onAnswer()
    return [stored?.revision ?? 0, adopted]
  }
  const write = async (next: StoredRollout, expectedRevision: number): Promise<boolean> => {
    const isWritten: unknown = await bounded(() => store.compareAndSet(next, expectedRevision))
    if (typeof isWritten !== 'boolean') {
      throw new CanaryError(
        'STORE_FAILED',
        `compareAndSet() answered ${show(isWritten)}; it has to answer true or false`,
      )
    }
    options.onAnswer()
    return isWritten
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

  const reload = async (): Promise<void> => {
    const [, adopted] = await read()
    if (adopted === undefined) {
      if (forced === 0) current = { ...current, revision: 0 } // an emptied store gets back what is known here
      return
    }
    if (forced > 0 || adopted.revision <= current.revision) return
    hasHeard = true
    if (undoes(adopted, current))
      current = { ...current, revision: adopted.revision } // the next write goes over it
    else become(adopted)
  }

  const commit: Ledger['commit'] = (decide) =>
    exclusively(async () => {
      for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
        const before = current
        const next = decide(before)
        if (next === undefined) return false
        const revision = before.revision + 1
        const isWritten = await write({ ...next, revision }, before.revision)
        if (current !== before) return false // forced meanwhile: that is on its way into the store
        if (isWritten) {
          become({ ...next, revision })
          return true
        }
        await reload()
      }
      throw new CanaryError('STORE_FAILED', `lost ${MOST_CONFLICTS} races for one write`)
    })

  /** One try to bring a forced change into the store; false if somebody else wrote in between. */
  const push = async (from: number, next: StoredRollout, again: Decide): Promise<boolean> => {
    const [expected, stored] = await read()
    const theirs = expected === from ? undefined : stored
    const wanted = theirs === undefined ? next : again(theirs)
    if (wanted === undefined) {
      options.onOverruled(next, theirs!)
      settle(theirs!)
      return true
    }
    const written = { ...wanted, revision: expected + 1 }
    if (!(await write(written, expected))) return false
    settle(written)
    if (theirs !== undefined) options.onRetold()
    return true
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
      if (isTaken === undefined || failures >= TRIES_AT_ONCE) await backOff(clock, failures, closing.signal)
    }
  }

  const unsubscribe = store.subscribe((stored) => {
    const reloadIfNews = async () => (stored.revision > current.revision ? reload() : undefined)
    if (!closing.signal.aborted) void exclusively(reloadIfNews).catch(onFailure)
  })

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
      return exclusively(async () => {
        await pushUntilTaken(revision, next, again)
        forced -= 1
      })
    },
    close() {
      closing.abort()
      try {
        unsubscribe()
      } catch (cause) {
        onFailure(cause)
      }
    },
  }
}

/** A rollback is never undone by what somebody else still believes of the same epoch, nor an epoch by one before it. */
function undoes({ state: theirs }: StoredRollout, { state: ours }: StoredRollout): boolean {
  if (theirs.epoch < ours.epoch) return true
  return ours.status === 'rolled-back' && theirs.status !== 'rolled-back' && theirs.epoch === ours.epoch
}
