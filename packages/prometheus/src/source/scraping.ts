/** How one target is scraped. */
export interface Scraped {
  /** When it was scraped last. */
  readonly at: number
  /** The distances of the latest scrapes, at most three, in milliseconds. */
  readonly gapsMs: readonly number[]
}

/** Of so many intervals a scrape may be late before a target is taken to be gone: one that fails is made good by the next. */
const PATIENCE = 2.2

/** How long a target is waited for whose interval is not known, in milliseconds. */
const UNKNOWN_PATIENCE_MS = 120_000

/** What is known of a target once it was scraped at `at`. */
export function scrapedAgain(before: Scraped | undefined, at: number): Scraped {
  if (before === undefined) return { at, gapsMs: [] }
  return at <= before.at ? before : { at, gapsMs: [...before.gapsMs.slice(-2), at - before.at] }
}

/** Until when each target of an arm counts as being scraped. One whose interval is not known has that of the others. */
export function untilWhen(targets: ReadonlyMap<string, Scraped>): ReadonlyMap<string, number> {
  let typicalMs: number | null | undefined
  const intervalOf = ({ gapsMs }: Scraped) => {
    if (gapsMs.length > 0) return Math.min(...gapsMs) // a scrape that failed makes no longer interval
    if (typicalMs === undefined) typicalMs = typicalInterval(targets.values())
    return typicalMs
  }
  const until = (known: Scraped) => {
    const intervalMs = intervalOf(known)
    return known.at + (intervalMs === null ? UNKNOWN_PATIENCE_MS : PATIENCE * intervalMs)
  }
  return new Map([...targets].map(([target, known]) => [target, until(known)]))
}

/** The scrape interval of an arm, in milliseconds: the median of what its targets show; `null` where none was scraped twice. */
export function typicalInterval(targets: Iterable<Scraped>): number | null {
  const shortest = [...targets].flatMap(({ gapsMs }) => (gapsMs.length === 0 ? [] : [Math.min(...gapsMs)]))
  if (shortest.length === 0) return null
  const middle = shortest.sort((a, b) => a - b)[Math.floor(shortest.length / 2)]!
  return Math.round(middle)
}
