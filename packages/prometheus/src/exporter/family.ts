import type { Scrape } from './scrape.js'

/** The labels of a series, in the order in which they are written. */
export type Labels = readonly (readonly [name: string, value: string])[]

/** One line of an exposition. */
export interface Sample {
  /** What follows the family's name in the sample's own. */
  readonly suffix?: '_bucket' | '_count' | '_sum'
  readonly labels: Labels
  readonly value: number
}

/** A metric family: what its samples are, and how they come out of a scrape. */
export interface Family {
  /** The name in the 0.0.4 format: a counter's ends in `_total`, an info's in `_info`. */
  readonly name: string
  /** `signed` is a count and a sum of values that may be negative, so that the sum is no counter. */
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'signed' | 'info'
  /** The suffix of the name that is its unit. */
  readonly unit?: 'seconds' | 'ratio'
  readonly help: string
  readonly read: (scrape: Scrape) => readonly Sample[]
}

/** A family with its samples at one scrape. */
export interface Collected {
  readonly family: Family
  readonly samples: readonly Sample[]
}

/** Reads every family of every rollout; a family without samples is left out. */
export function collect(families: readonly Family[], scrapes: readonly Scrape[]): readonly Collected[] {
  return families
    .map((family) => ({ family, samples: scrapes.flatMap(family.read) }))
    .filter(({ samples }) => samples.length > 0)
}
