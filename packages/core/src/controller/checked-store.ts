import { wrongAnswer } from '../fleet/store-answers.js'
import { CanaryError } from '../foundation/errors.js'
import { isRecord, show } from '../foundation/options.js'
import type { Fleet, Lease } from '../rollout/fleet.js'
import type { StateStore, WriteAnswer } from '../rollout/store.js'
import { bodyOf, documentOf, type Numbered, type StoredPlace, writeOf } from '../rollout/stored-records.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'

/** A store whose answers have a deadline and are validated. */
export interface CheckedStore {
  /**
   * Reads the stored rollout in the form that this process uses; resolves to `undefined` if nothing is stored. Rejects
   * `INVALID_STATE`, or with the error of the store.
   */
  read(): Promise<StoredRollout | undefined>
  /** Writes over a stored head, if that is still stored. Rejects `STORE_FAILED`. */
  write(next: Numbered, over: StoredPlace, options?: WriteOptions): Promise<WriteKind>
  /** Replaces the stored body, if the head is still stored and the lease in force. Rejects `STORE_FAILED`. */
  keep(next: StoredRollout, lease: Lease): Promise<KeepKind>
}

/** What became of a write. */
export type WriteKind = WriteAnswer['kind']

/** What became of a body. */
export type KeepKind = Awaited<ReturnType<Fleet['keep']>>

/** How a rollout is written. */
export interface WriteOptions {
  /** The write is refused unless this lease is in force. */
  readonly lease?: Lease | undefined
  /** Whether the canary's share is reduced. */
  readonly isUrgent?: boolean
}

/** The options of {@link createCheckedStore}. */
export interface CheckedStoreOptions {
  readonly store: StateStore
  readonly clock: Clock
  readonly timeoutMs: number
  /** Checks that the stored rollout belongs to this controller; throws `INVALID_STATE`. */
  readonly adopt: (stored: unknown) => StoredRollout
  /** Called whenever the store has answered. */
  readonly onAnswer: () => void
  /** Aborted when the controller no longer waits for the store. */
  readonly signal: AbortSignal
}

/** Wraps a user's store in these checks. */
export function createCheckedStore(options: CheckedStoreOptions): CheckedStore {
  const { store, clock, timeoutMs, adopt, onAnswer, signal } = options
  const bounded = <Result>(task: (deadline: AbortSignal) => Promise<Result>): Promise<Result> =>
    withDeadline(clock, timeoutMs, task, signal)
  return {
    async read() {
      const records: unknown = await bounded((deadline) => store.load(deadline))
      if (records !== undefined && !(isRecord(records) && isRecord(records.head))) {
        throw new CanaryError('INVALID_STATE', `load() answered ${show(records)}, which is no stored rollout`)
      }
      const adopted = records && adopt(documentOf(records))
      onAnswer()
      return adopted
    },
    async write(next, over, { lease, isUrgent } = {}) {
      const change = { ...writeOf(next, over), ...(lease && { lease }), ...(isUrgent && { isUrgent }) }
      const answer: unknown = await bounded((deadline) => store.write(change, deadline))
      const kind = isRecord(answer) ? answer.kind : undefined
      if (!isOneOf(kind, ['written', 'moved', 'deposed'])) {
        throw wrongAnswer('write', answer, "{ kind: 'written' }, 'moved' or 'deposed'")
      }
      if (kind === 'written') onAnswer() // after a conflict the store is read, and what it holds may be unreadable
      return kind
    },
    async keep(next, lease) {
      const answer: unknown = await bounded(async (deadline) =>
        store.fleet?.keep(bodyOf(next), next.tag, lease, deadline),
      )
      if (!isOneOf(answer, ['kept', 'moved', 'deposed']))
        throw wrongAnswer('keep', answer, "'kept', 'moved' or 'deposed'")
      if (answer === 'kept') onAnswer()
      return answer
    },
  }
}

const isOneOf = <Kind extends string>(value: unknown, kinds: readonly Kind[]): value is Kind =>
  kinds.includes(value as Kind)
