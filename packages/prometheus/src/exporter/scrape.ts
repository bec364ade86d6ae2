import type { Status, Variant, Versions } from '@model-canary/core'
import type { Summary } from '@model-canary/core/judge'
import { countEvents, type EventCounts } from './event-counts.js'
import type { ExportedRollout } from './exported-rollout.js'
import { type Labels, labelsOf } from './labels.js'

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

/** An exported rollout, its label, and the counts of its events. */
export interface Watched {
  readonly rollout: ExportedRollout
  readonly labels: Labels
  readonly events: EventCounts | undefined
}

/** Begins to watch a rollout. */
export const watchedOf = (rollout: ExportedRollout): Watched => ({
  rollout,
  labels: labelsOf([['rollout', rollout.name]]),
  events: rollout.on && countEvents(rollout.on),
})

/** Reads a rollout. Throws the errors of its `counts` and `status`. */
export function scrapeOf({ rollout, labels, events }: Watched, failures: number): Scrape {
  const { versions } = rollout
  const counts = rollout.counts()
  const armOf = (variant: Variant): readonly ScrapedArm[] => {
    const summary = counts[variant]
    if (summary === undefined) return []
    return [{ labels: labels.and('version', versions[variant]).and('variant', variant), summary }]
  }
  return {
    labels,
    versions,
    arms: [...armOf('baseline'), ...armOf('canary')],
    status: rollout.status?.(),
    events,
    failures,
  }
}

/** Returns the data of a rollout that could not be read: its name and the number of failures. */
export function failedScrapeOf({ rollout, labels }: Watched, failures: number): Scrape {
  return { labels, versions: rollout.versions, arms: [], status: undefined, events: undefined, failures }
}
