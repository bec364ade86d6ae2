import type { Decision } from './decision.js'
import type { Fleet, Lease } from './fleet.js'
import type { Body, Head, Records } from './records.js'

/** One write of a rollout's records: all of it is stored, or none of it. */
export interface RecordWrite {
  /** The tag of the stored head that this replaces; `null` if nothing is stored. */
  readonly expect: string | null
  /** The head that is stored. */
  readonly head: Head
  /** Left out to keep the stored body. */
  readonly body?: Body
  /** Decisions that follow the stored ones, oldest first. */
  readonly decisions?: readonly Decision[]
  /** If given, the write is refused unless this lease is in force. A store without a fleet ignores it. */
  readonly lease?: Lease
  /** True if the canary's share is reduced: the processes that follow may be told before the write is durable. */
  readonly isUrgent?: boolean
}

/**
 * The answer to a write. `written` also if the head with this tag is stored already, because the answer to an earlier
 * attempt was lost. `moved` if another head than the expected one is stored. `deposed` if the lease is not in force.
 */
export type WriteAnswer =
  | { readonly kind: 'written' }
  | { readonly kind: 'moved' | 'deposed'; readonly head: Head | undefined }

/** Keeps the points of charts: one text of at most 16 KiB, which only the process that judges replaces. */
export interface PointsRecord {
  /** Returns the stored text; `null` if there is none. */
  load(signal: AbortSignal): Promise<string | null>
  /** Replaces the text; if a lease is given, only while that is in force. */
  keep(text: string, lease: Lease | undefined, signal: AbortSignal): Promise<'kept' | 'deposed'>
}

/** Keeps the records of one rollout, and shares them between processes. */
export interface StateStore {
  /** Returns the records; `undefined` if no head is stored. */
  load(signal: AbortSignal): Promise<Records | undefined>
  /** Writes if the stored head has the expected tag. */
  write(change: RecordWrite, signal: AbortSignal): Promise<WriteAnswer>
  /**
   * Calls the listener with the head of every write, also of other processes. The returned function ends that. Messages
   * may be lost, repeated or late: the store is also read.
   */
  follow(listener: (head: Head) => void): () => void
  /** Ends everything that this store began, and closes the connections that it opened itself. */
  close(): Promise<void>
  /** The part for rollouts of several processes. Without it, a rollout is judged by each process that has the store. */
  readonly fleet?: Fleet
  /** Keeps the points of charts. Without it, they are in the memory of the process that judges, and end with it. */
  readonly points?: PointsRecord
}
