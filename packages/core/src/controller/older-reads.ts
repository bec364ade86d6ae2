/** The number of consecutive reads that must find older state than is known here. */
const LEAST_READS = 3

/** The least time between the first and the last of them, in milliseconds. */
const LEAST_MS = 10_000

/** Distinguishes a store that has permanently lost its last writes from a late read. */
export interface OlderReads {
  /**
   * Records a read that found an older revision than the one known here, at `at` on the clock's `elapsed` scale.
   * Returns true after three such reads over at least 10 s, if no revision is lower than the one before it.
   */
  add(revision: number, at: number): boolean
  /** Forgets these reads, because a read found the known revision or a newer one. */
  forget(): void
}

/** Creates an object without reads. */
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

/** Returns the sentence of the alert about a store that had lost writes. */
export function describeLost(found: number, known: number): string {
  if (found === 0) return `the store was emptied: it held revision ${known}, and what is known here was written into it`
  return `the store lost its last writes, as by a restore: it went back from revision ${known} to ${found}`
}
