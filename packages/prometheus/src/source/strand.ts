import type { Sample } from './series.js'

/** The samples of one part of a counter, and how to read them. */
export interface Strand {
  /** The kind of query that it belongs to. */
  readonly kind: string
  readonly group: string
  readonly part: string
  /** What was scraped; `''` where its labels do not tell. */
  readonly target: string
  /**
   * What a fall means. `reset`: the process may have begun again. `follow`: nothing by itself, for a sum of signed
   * values falls too; the rest of the group tells. `lose`: that what came since the last sample cannot be known.
   */
  readonly onFall: 'reset' | 'follow' | 'lose'
  readonly samples: readonly Sample[]
}

/** One sample of a strand. */
export interface Item {
  readonly strand: Strand
  readonly value: number
}

/** What one process showed at one moment: Prometheus gives all samples of a scrape the same time. */
export interface Scrape {
  readonly at: number
  readonly target: string
  readonly items: readonly Item[]
}

/** What tells a strand from all others of its arm. */
export const idOf = ({ kind, group, part }: Strand): string => `${kind} ${group} ${part}`

/** Whether it is of the requests of an arm, and of those that nobody served: when these come in, the arm has news. */
export const isOfRequests = ({ kind }: Pick<Strand, 'kind'>): boolean => kind === 'requests' || kind === 'unreached'

/** Strands by scrape, in the order of time. */
export function scrapesOf(strands: readonly Strand[]): readonly Scrape[] {
  const byTarget = new Map<string, Map<number, Item[]>>()
  for (const strand of strands) {
    const ofTarget = byTarget.get(strand.target) ?? new Map<number, Item[]>()
    byTarget.set(strand.target, ofTarget)
    for (const [at, value] of strand.samples) {
      const items = ofTarget.get(at)
      if (items === undefined) ofTarget.set(at, [{ strand, value }])
      else items.push({ strand, value })
    }
  }
  const scrapes: Scrape[] = []
  for (const [target, times] of byTarget) for (const [at, items] of times) scrapes.push({ at, target, items })
  return scrapes.sort((a, b) => a.at - b.at)
}
