import type { Labels } from './labels.js'
import type { Scrape } from './scrape.js'

/** One sample of a family. */
export interface Sample {
  /** What the sample's name adds to the family's. */
  readonly suffix?: '_bucket' | '_count' | '_sum'
  readonly labels: Labels
  readonly value: number
}

/** A metric family, and how its samples are read from a scrape. */
export interface Family {
  /** The name in the 0.0.4 format: a counter's ends in `_total`, an info's in `_info`. */
  readonly name: string
  /** `signed` is a count and a sum of values that may be negative, so the sum is not a counter. */
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'signed' | 'info'
  /** The unit, which is also the suffix of the name. */
  readonly unit?: 'seconds' | 'ratio'
  readonly help: string
  readonly read: (scrape: Scrape) => readonly Sample[]
}

/** A family with the samples of one scrape. */
export interface Collected {
  readonly family: Family
  readonly samples: readonly Sample[]
}

/** Returns all samples of several lists: V8 runs `flatMap` several times slower. */
export const joined = (lists: readonly (readonly Sample[])[]): readonly Sample[] => ([] as Sample[]).concat(...lists)

/** Reads every family of every rollout. Families without samples are omitted. */
export function collect(families: readonly Family[], scrapes: readonly Scrape[]): readonly Collected[] {
  return families
    .map((family) => ({ family, samples: joined(scrapes.map(family.read)) }))
    .filter(({ samples }) => samples.length > 0)
}
