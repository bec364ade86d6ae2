/** What the store has of a process besides its counts, since the process last reported it. */
export interface Said {
  /** Returns whether the store has this text of the process in this stay, and knows when it was last there. */
  isKnown(stay: string, id: string, member: string): boolean
  /** Notes that the store has it now. */
  keep(stay: string, id: string, member: string): void
  /** Notes that the store has something else, perhaps. */
  forget(): void
}

/**
 * For how long a report may leave out what the store knows, in milliseconds. The age of a member may be too high by this
 * time. A process without a report for 20 s has no vote.
 */
const KNOWN_MS = 10_000

/** Creates the memory of one process. `elapsed` returns milliseconds that never go back. */
export function createSaid(elapsed: () => number = () => performance.now()): Said {
  let known: readonly string[] | undefined
  let since = 0
  return {
    isKnown: (...texts) =>
      elapsed() - since < KNOWN_MS && known !== undefined && texts.every((text, at) => text === known![at]),
    keep(...texts) {
      known = texts
      since = elapsed()
    },
    forget: () => void (known = undefined),
  }
}
