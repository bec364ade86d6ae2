import type { Sample } from './series.js'

/** The samples of one part of a counter, and how to read them. */
export interface Strand {
  /** The kind of its query. */
  readonly kind: string
  readonly group: string
  readonly part: string
  /** The scraped target; `''` if its labels do not identify one. */
  readonly target: string
  /**
   * What a fall means. `reset`: the process may have restarted. `follow`: a sum of signed values may fall, so the other
   * parts of the group decide. `lose`: the counts since the last sample are lost.
   */
  readonly onFall: 'reset' | 'follow' | 'lose'
  readonly samples: readonly Sample[]
}

/** One sample of a strand. */
export interface Item {
  readonly strand: Strand
  readonly value: number
}

/** The samples of one scrape of a target. Prometheus gives them all the same time. */
export interface Scrape {
  readonly at: number
  readonly target: string
  readonly items: readonly Item[]
}

/** Returns the id of a strand, unique within its arm. */
export const idOf = ({ kind, group, part }: Strand): string => `${kind} ${group} ${part}`

/** Whether a strand counts requests, including those that never reached a pod. */
export const isOfRequests = ({ kind }: Pick<Strand, 'kind'>): boolean => kind === 'requests' || kind === 'unreached'

/** Groups the samples of strands by scrape, ordered by time. */
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
