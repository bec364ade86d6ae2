import type { Body, Head, Visit } from './records.js'

/** The right to judge and to promote, of one process at a time. */
export interface Lease {
  /** The id of the process. */
  readonly id: string
  /** Rises with every new holder, so that a late write of an earlier one can be refused. */
  readonly fence: number
}

/** Asks for the lease, or returns it. */
export type LeaseAsk =
  | {
      readonly id: string
      /** For how long the lease is to be held, in milliseconds from now by the clock of the store. */
      readonly ttlMs: number
      /** A new lease gets a fence above this one. */
      readonly leastFence: number
    }
  | { readonly id: string; readonly release: true }

/** Who holds the lease. */
export interface LeaseAnswer {
  /** True if the process that asked holds the lease now. */
  readonly isMine: boolean
  /** The fence of the lease in force; of the last one if it is free. */
  readonly fence: number
  /** The id of the holder; `null` if the lease is free. */
  readonly holder: string | null
  /** How long the lease is still in force, in milliseconds; 0 if it is free. */
  readonly leftMs: number
}

/** What a process says of itself. */
export interface Member {
  /** The id of the process: another one after each restart. */
  readonly id: string
  /** The version of this library. */
  readonly library: string
  /** The options by which the process would judge; see {@link Head.config}. */
  readonly config: string
  /** Whether its canary is warm; `null` if it was not warmed yet. */
  readonly isWarm: boolean | null
  /** The tag of the head that it applies; `null` before the first. */
  readonly tag: string | null
  /** The canary's share that it serves, in percent. */
  readonly weight: number
  /** True in the last report of a process that was closed. */
  readonly hasLeft?: boolean
}

/** A member, and when it last reported. */
export interface SeenMember extends Member {
  /** Time since its last report, in milliseconds, by the clock of the store. */
  readonly ageMs: number
}

/** Stands between the texts of {@link Report.slow}: a character that they do not have. */
export const BETWEEN_TEXTS = ' '

/** The counts of one process in one stay, from the beginning of the stay. */
export interface Report extends Visit {
  /** The id of the process. */
  readonly id: string
  /** Rises with every report of the process. A report with a lower or equal number changes nothing. */
  readonly seq: number
  /** The counts of the step. */
  readonly fast: string
  /**
   * What changes slowly, with {@link BETWEEN_TEXTS} between: the baseline by key, all that was served in this stay, and
   * what was counted in it by routing bucket of the baseline, and of the canary. Each of the texts may be empty, and
   * the last ones may be missing. Left out to keep the last ones.
   */
  readonly slow?: string
  /** What the process says of itself. Left out to keep the last one. */
  readonly member?: Member
}

/** The stored counts of a process. A store may leave out `slow` if it has returned it before the cursor. */
export interface PackedReport extends Pick<Report, 'id' | 'seq' | 'fast' | 'slow'> {}

/** The answer to a report. */
export interface PublishAnswer {
  /** The stored head if its tag is another one than the process knows; `null` if no head is stored. */
  readonly head?: Head | null
  /** How many processes have reported in this epoch so far. It never falls. */
  readonly lives: number
}

/** The part of a store that several processes of one rollout share. */
export interface Fleet {
  /** False if there are leases alone: `publish` and `collect` reject, and a canary cannot use the store. @default true */
  readonly hasReports?: boolean
  /** Takes, renews or returns the lease. */
  lease(ask: LeaseAsk, signal: AbortSignal): Promise<LeaseAnswer>
  /** Replaces the body if the stored head has this tag, and the lease is in force. */
  keep(body: Body, tag: string, lease: Lease, signal: AbortSignal): Promise<'kept' | 'moved' | 'deposed'>
  /** Stores the counts of a process. Reports of processes that have ended are kept for as long as the stay. */
  publish(report: Report, knownTag: string | null, signal: AbortSignal): Promise<PublishAnswer>
  /**
   * Returns the reports of a stay that have changed since a cursor, at most 500; `''` is the cursor before the first.
   * `isMore` if there are more.
   */
  collect(
    visit: Visit,
    cursor: string,
    signal: AbortSignal,
  ): Promise<{ readonly reports: readonly PackedReport[]; readonly cursor: string; readonly isMore: boolean }>
  /** Returns the processes that reported within the last minute. */
  members(signal: AbortSignal): Promise<readonly SeenMember[]>
}
