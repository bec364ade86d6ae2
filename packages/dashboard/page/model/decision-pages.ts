import type { Decision } from '@model-canary/core'

/** Returns decisions with others, each once, newest first. */
export function joined(known: readonly Decision[], others: readonly Decision[]): readonly Decision[] {
  const all = new Map([...known, ...others].map((decision) => [decision.sequence, decision]))
  return [...all.values()].sort((a, b) => b.sequence - a.sequence)
}

/**
 * Returns decisions with the newest page of the history, newest first. Those that came while the page was on its way are
 * kept. Older ones are left out if there may be others between them and the page.
 */
export function withNewestPage(known: readonly Decision[], page: readonly Decision[]): readonly Decision[] {
  const [newest, oldest] = [page[0]?.sequence ?? 0, page.at(-1)?.sequence ?? 0]
  const isJoined = known.some(({ sequence }) => oldest <= sequence && sequence <= newest)
  return joined(isJoined ? known : known.filter(({ sequence }) => sequence > newest), page)
}
