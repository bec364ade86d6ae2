import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import type { StateStore, StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'

/** A store whose answers have a deadline and are validated. */
export interface CheckedStore {
  /**
   * Reads the stored rollout in the form that this process uses; resolves to `undefined` if nothing is stored. Rejects
   * `INVALID_STATE`, or with the error of the store.
   */
  read(): Promise<StoredRollout | undefined>
  /** Writes if the stored revision is the expected one; resolves to whether it did. Rejects `STORE_FAILED`. */
  write(next: StoredRollout, expected: number): Promise<boolean>
}

/** The options of {@link createCheckedStore}. */
export interface CheckedStoreOptions {
  readonly store: StateStore
  readonly clock: Clock
  readonly timeoutMs: number
  /** Checks that the stored rollout belongs to this controller; throws `INVALID_STATE`. */
  readonly adopt: (stored: StoredRollout) => StoredRollout
  /** Called whenever the store has answered. */
  readonly onAnswer: () => void
  /** Aborted when the controller no longer waits for the store. */
  readonly signal: AbortSignal
}

/** Wraps a user's store in these checks. */
export function createCheckedStore(options: CheckedStoreOptions): CheckedStore {
  const { store, clock, timeoutMs, adopt, onAnswer, signal } = options
  const bounded = <Result>(task: () => Promise<Result>): Promise<Result> => withDeadline(clock, timeoutMs, task, signal)
  return {
    async read() {
      const stored = await bounded(() => store.load())
      if (stored !== undefined && !isRevision(stored?.revision)) {
        throw new CanaryError('INVALID_STATE', `load() answered ${show(stored)}, which is no stored rollout`)
      }
      const adopted = stored && adopt(stored)
      onAnswer()
      return adopted
    },
    async write(next, expected) {
      const isWritten: unknown = await bounded(() => store.compareAndSet(next, expected))
      if (typeof isWritten !== 'boolean') {
        throw new CanaryError(
          'STORE_FAILED',
          `compareAndSet() answered ${show(isWritten)}; it has to answer true or false`,
        )
      }
      if (isWritten) onAnswer() // after a conflict the store is read, and what it holds may be unreadable
      return isWritten
    },
  }
}

/** Returns whether a value that a store returned is a revision, and not a text or missing. */
export const isRevision = (revision: unknown): revision is number =>
  Number.isSafeInteger(revision) && (revision as number) >= 0
