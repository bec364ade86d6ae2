import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import { withDeadline } from './deadline.js'
import { isTerminal } from './state.js'
import type { StateStore, StoredRollout } from './store.js'

/** How often a change is decided anew because somebody else wrote first. */
const MOST_CONFLICTS = 20

/** The rollout as this process knows it, in step with the store. */
export interface Ledger {
  readonly current: StoredRollout
  /** Takes up what is stored; false where nothing is. */
  load(): Promise<boolean>
  /** Decides on the newest state, writes, and only then lets it be true here. `undefined` changes nothing. Tells whether it took. */
  commit(decide: (current: StoredRollout) => StoredRollout | undefined): Promise<boolean>
  /** Is true here at once and is written until it is taken: for a rollback and the kill switch. */
  force(next: StoredRollout): Promise<void>
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
  readonly onFailure: (error: unknown) => void
}

/** Makes a ledger. Writes happen one after another; a forced change overtakes them here, not in the store. */
export function createLedger(options: LedgerOptions): Ledger {
  const { store, clock, timeoutMs, onFailure } = options
  let current = options.fresh
  let tail: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let cancelPause = () => {}

  const bounded = <Result>(task: () => Promise<Result>) => withDeadline(clock, timeoutMs, task)
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

  /** A rollback of this epoch is never undone by what somebody else still believes. */
  const isNews = (stored: StoredRollout): boolean =>
    stored.revision > current.revision && !(isTerminal(current.state) && stored.state.epoch === current.state.epoch)

  const reload = async (): Promise<boolean> => {
    const stored = await bounded(() => store.load())
    if (stored === undefined) return false
    const adopted = options.adopt(stored)
    if (isNews(adopted)) become(adopted)
    return true
  }

  const commit: Ledger['commit'] = (decide) =>
    exclusively(async () => {
      for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
        const before = current
        const next = decide(before)
        if (next === undefined) return false
        const revision = before.revision + 1
        const isWritten = await bounded(() => store.compareAndSet({ ...next, revision }, before.revision))
        if (current !== before) return false // forced meanwhile: that is on its way into the store
        if (isWritten) {
          become({ ...next, revision })
          return true
        }
        await reload()
      }
      throw new CanaryError('STORE_FAILED', `lost ${MOST_CONFLICTS} races for one write`)
    })

  /** One try to bring a forced change into the store; false if it has to be tried again. */
  const push = async (forced: StoredRollout): Promise<boolean> => {
    const stored = await bounded(() => store.load())
    const isOvertaken = stored !== undefined && stored.state.epoch > forced.state.epoch
    const isKnown = stored?.state.status === 'rolled-back' && forced.state.status === 'rolled-back'
    if (
      isOvertaken ||
      (isKnown && stored.state.enabled === forced.state.enabled && stored.state.epoch === forced.state.epoch)
    ) {
      if (isOvertaken) become(options.adopt(stored))
      else current = { ...current, revision: stored!.revision }
      return true
    }
    const expected = stored?.revision ?? 0
    const isWritten = await bounded(() => store.compareAndSet({ ...forced, revision: expected + 1 }, expected))
    if (isWritten) current = { ...current, revision: expected + 1 }
    return isWritten
  }

  const pushUntilTaken = async (forced: StoredRollout, failures: number): Promise<void> => {
    if (isClosed && failures > 0) return
    const isTaken = await push(forced).catch((error: unknown) => {
      onFailure(error)
      return undefined
    })
    if (isTaken === true) return
    if (isTaken === undefined) {
      await new Promise<void>((resolve) => {
        cancelPause = clock.schedule(Math.min(50 * 2 ** failures, 5_000), resolve)
      })
    }
    return pushUntilTaken(forced, failures + 1)
  }

  const unsubscribe = store.subscribe((stored) => {
    const reloadIfNews = async () => stored.revision > current.revision && reload()
    if (!isClosed) void exclusively(reloadIfNews).catch(onFailure)
  })

  return {
    get current() {
      return current
    },
    load: () => exclusively(reload),
    commit,
    force(next) {
      become(next)
      return exclusively(() => pushUntilTaken(next, 0))
    },
    close() {
      isClosed = true
      cancelPause()
      unsubscribe()
    },
  }
}
