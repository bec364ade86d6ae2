import type { Status, Variant, Versions } from '@model-canary/core'
import type { Summary } from '@model-canary/core/judge'
import type { EventCounts } from './event-counts.js'
import type { ExportedRollout } from './exported-rollout.js'
import type { Labels } from './labels.js'

/** One arm that this process serves. */
export interface ScrapedArm {
  readonly labels: Labels
  readonly summary: Summary
}

/** All data of one rollout for one scrape, read at one instant. */
export interface Scrape {
  readonly labels: Labels
  readonly versions: Versions
  readonly arms: readonly ScrapedArm[]
  readonly status: Status | undefined
  /** `undefined` if the rollout has no `on`. */
  readonly events: EventCounts | undefined
  /** How many scrapes have failed. */
  readonly failures: number
}

/** An exported rollout and the counts of its events. */
export interface Watched {
  readonly rollout: ExportedRollout
  readonly events: EventCounts | undefined
}

/** Reads a rollout. Throws the errors of its `counts` and `status`. */
export function scrapeOf({ rollout, events }: Watched, failures: number): Scrape {
  const { name, versions } = rollout
  const counts = rollout.counts()
  const armOf = (variant: Variant): readonly ScrapedArm[] => {
    const summary = counts[variant]
    if (summary === undefined) return []
    return [{ labels: [...rolloutLabels(name), ['version', versions[variant]], ['variant', variant]], summary }]
  }
  return {
    labels: rolloutLabels(name),
    versions,
    arms: [...armOf('baseline'), ...armOf('canary')],
    status: rollout.status?.(),
    events,
    failures,
  }
}

/** Returns the data of a rollout that could not be read: its name and the number of failures. */
export function failedScrapeOf({ rollout }: Watched, failures: number): Scrape {
  const { name, versions } = rollout
  return { labels: rolloutLabels(name), versions, arms: [], status: undefined, events: undefined, failures }
}

const rolloutLabels = (name: string): Labels => [['rollout', name]]
