import type { Decision } from './decision.js'

/** A decision that has no number yet. */
export type UnnumberedDecision = Omit<Decision, 'sequence'>

/** Returns the decisions with the numbers that follow those of a history. */
export function numberedAfter(
  history: readonly Decision[],
  decisions: readonly UnnumberedDecision[],
): readonly Decision[] {
  const last = history.at(-1)?.sequence ?? 0
  return decisions.map((decision, index) => ({ sequence: last + 1 + index, ...decision }))
}

/** A part of a history. */
export interface HistoryPage {
  /** Only decisions whose sequence is below this one. */
  readonly before: number
  /** At most this many decisions. */
  readonly limit: number
}

/** Returns a page of a history that is stored oldest first; the page has the newest decision first. */
export function pageOf(history: readonly Decision[], { before, limit }: HistoryPage): readonly Decision[] {
  return history
    .filter(({ sequence }) => sequence < before)
    .slice(-limit)
    .reverse()
}
