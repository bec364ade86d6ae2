import type { StoredRollout } from '../rollout/store.js'

/** So many reads must find older state than is known here, in a row. */
const LEAST_READS = 3

/** They must lie so far apart, in milliseconds. */
const LEAST_MS = 10_000

/** Tells a store that has lost its last writes for good from a read that is merely late. */
export interface OlderReads {
  /**
   * Takes a read that found an older revision than the one known here, at a moment on the clock's `elapsed` scale.
   * Returns true once three such reads over at least 10 s agree: none goes back behind the one before it.
   */
  add(revision: number, at: number): boolean
  /** Begins anew: a read found what is known here, or newer. */
  forget(): void
}

/** Begins without any read. */
export function createOlderReads(): OlderReads {
  let first: number | undefined
  let newest = 0
  let count = 0

  return {
    add(revision, at) {
      if (first === undefined || revision < newest) {
        first = at
        count = 0
      }
      newest = revision
      count += 1
      return count >= LEAST_READS && at - first >= LEAST_MS
    },
    forget() {
      first = undefined
    },
  }
}

/** Whether a life of the rollout began after the one that is known here. */
export const isNewer = ({ state: theirs }: StoredRollout, { state: ours }: StoredRollout): boolean =>
  theirs.epoch > ours.epoch

/** What became of a store, in a sentence for an alert. */
export function describeLost(found: number, known: number): string {
  if (found === 0) return `the store was emptied: it held revision ${known}, and what is known here was written into it`
  return `the store lost its last writes, as by a restore: it went back from revision ${known} to ${found}`
}

/** A rollback is never undone by what somebody else still believes of the same epoch, nor an epoch by one before it. */
export function undoes({ state: theirs }: StoredRollout, { state: ours }: StoredRollout): boolean {
  if (theirs.epoch < ours.epoch) return true
  return ours.state === 'rolled-back' && theirs.state !== 'rolled-back' && theirs.epoch === ours.epoch
}
