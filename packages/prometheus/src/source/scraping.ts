/** The latest scrapes of one target. */
export interface Scraped {
  /** The time of the latest scrape. */
  readonly at: number
  /** The intervals between the latest scrapes, at most three, in milliseconds. */
  readonly gapsMs: readonly number[]
}

/** How many intervals after its last scrape a target counts as gone. One scrape may fail. */
const PATIENCE = 2.2

/** How long to wait for a target whose interval is not known, in milliseconds. */
const UNKNOWN_PATIENCE_MS = 120_000

/** Returns the state of a target after a scrape at `at`. */
export function scrapedAgain(before: Scraped | undefined, at: number): Scraped {
  if (before === undefined) return { at, gapsMs: [] }
  return at <= before.at ? before : { at, gapsMs: [...before.gapsMs.slice(-2), at - before.at] }
}

/** Returns until when each target counts as present. A target without a known interval uses that of the others. */
export function untilWhen(targets: ReadonlyMap<string, Scraped>): ReadonlyMap<string, number> {
  let typicalMs: number | null | undefined
  const intervalOf = ({ gapsMs }: Scraped) => {
    if (gapsMs.length > 0) return Math.min(...gapsMs) // a failed scrape does not lengthen the interval
    if (typicalMs === undefined) typicalMs = typicalInterval(targets.values())
    return typicalMs
  }
  const until = (known: Scraped) => {
    const intervalMs = intervalOf(known)
    return known.at + (intervalMs === null ? UNKNOWN_PATIENCE_MS : PATIENCE * intervalMs)
  }
  return new Map([...targets].map(([target, known]) => [target, until(known)]))
}

/** Returns the median scrape interval of an arm's targets, in milliseconds; `null` if no target was scraped twice. */
export function typicalInterval(targets: Iterable<Scraped>): number | null {
  const shortest = [...targets].flatMap(({ gapsMs }) => (gapsMs.length === 0 ? [] : [Math.min(...gapsMs)]))
  if (shortest.length === 0) return null
  const middle = shortest.sort((a, b) => a - b)[Math.floor(shortest.length / 2)]!
  return Math.round(middle)
}
