import type { Status, Variant, Versions } from '@model-canary/core'
import type { Summary } from '@model-canary/core/judge'
import { ignoreRejection, isThenable, show } from '@model-canary/foundation'
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

/** Reads a rollout. Throws the errors of its `counts` and `status`, and an error if one of them returns no object. */
export function scrapeOf({ rollout, labels, events }: Watched, failures: number): Scrape {
  const { versions } = rollout
  const counts = said('counts', rollout.counts())
  const armOf = (variant: Variant): readonly ScrapedArm[] => {
    const summary = counts[variant]
    if (summary === undefined) return []
    return [{ labels: labels.and('version', versions[variant]).and('variant', variant), summary }]
  }
  return {
    labels,
    versions,
    arms: [...armOf('baseline'), ...armOf('canary')],
    status: rollout.status && said('status', rollout.status()),
    events,
    failures,
  }
}

/** Returns what a function of a rollout said. Throws if it is a promise or no object: its figures would be missing. */
function said<Said extends object>(name: string, value: Said): Said {
  const isPromise = isThenable(value)
  if (typeof value === 'object' && value !== null && !isPromise) return value
  ignoreRejection(value)
  throw new TypeError(
    `${name}() must return an object, and not a promise; it returned ${isPromise ? 'a promise' : show(value)}`,
  )
}

/** Returns the data of a rollout that could not be read: its name and the number of failures. */
export function failedScrapeOf({ rollout, labels }: Watched, failures: number): Scrape {
  return { labels, versions: rollout.versions, arms: [], status: undefined, events: undefined, failures }
}
