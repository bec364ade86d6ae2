import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import type { StateStore, StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'

/** A store whose answers are bounded in time and make sense. */
export interface CheckedStore {
  /** Reads what is stored, as this process takes it; `undefined` for nothing. Rejects `INVALID_STATE`, and with what the store fails with. */
  read(): Promise<StoredRollout | undefined>
  /** Writes if the stored revision is the expected one; tells whether it did. Rejects `STORE_FAILED`. */
  write(next: StoredRollout, expected: number): Promise<boolean>
}

/** What it needs. */
export interface CheckedStoreOptions {
  readonly store: StateStore
  readonly clock: Clock
  readonly timeoutMs: number
  /** Whether a stored rollout is one of ours; throws `INVALID_STATE`. */
  readonly adopt: (stored: StoredRollout) => StoredRollout
  /** Told whenever the store answered. */
  readonly onAnswer: () => void
  /** Aborted when nobody waits for the store any more. */
  readonly signal: AbortSignal
}

/** Puts a foreign store behind checks. */
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
      onAnswer()
      return isWritten
    },
  }
}

/** Whether a store told of a revision: one that keeps it as a text, or nothing, has no rollout to tell of. */
export const isRevision = (revision: unknown): revision is number =>
  Number.isSafeInteger(revision) && (revision as number) >= 0
