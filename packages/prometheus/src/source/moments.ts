import type { Variant } from '@model-canary/core'
import { type Scraped, scrapedAgain, untilWhen } from './scraping.js'

/** The time of a scrape that shows requests of an arm. */
export interface Sighting {
  readonly at: number
  readonly arm: Variant
  readonly target: string
}

/** The state from which moments are computed. */
export interface MomentsFrom {
  /** The latest moment so far; `null` if counting has not started. */
  readonly moment: number | null
  /** When the weight came into force. */
  readonly zeroAt: number
  /** The targets known at that moment, by arm. */
  readonly scraped: Readonly<Record<Variant, ReadonlyMap<string, Scraped>>>
}

/**
 * Returns the moments at which both arms can be compared, oldest first. A moment is reached when all targets of both
 * arms have been scraped again since the previous one. So every target adds the same period to a comparison, regardless
 * of its scrape interval and its offset within the interval. A missing target is waited for as long as one failed
 * scrape would take.
 *
 * The first moment, at which counting starts, is when all targets have been scraped since the weight came into force.
 */
export function momentsIn(sightings: readonly Sighting[], from: MomentsFrom): readonly number[] {
  const scraped = { baseline: new Map(from.scraped.baseline), canary: new Map(from.scraped.canary) }
  const allSeenAt = from.moment === null && !isIntervalKnown(scraped) ? allSeenIn(sightings) : undefined
  const moments: number[] = []
  const seenArms = new Set<Variant>()
  const isNews = (at: number) => (from.moment === null ? at >= from.zeroAt : at > from.moment)
  let waiting: Map<string, number> | undefined
  let firstLeaves = Number.POSITIVE_INFINITY

  const waitFrom = (moment: number) => {
    waiting = new Map()
    firstLeaves = Number.POSITIVE_INFINITY
    for (const arm of ['baseline', 'canary'] as const) {
      for (const [target, until] of untilWhen(scraped[arm])) {
        if (until <= moment) continue
        waiting.set(`${arm} ${target}`, until)
        firstLeaves = Math.min(firstLeaves, until)
      }
    }
  }
  const leaveBehind = (at: number) => {
    if (at < firstLeaves) return
    firstLeaves = Number.POSITIVE_INFINITY
    for (const [id, until] of waiting!) {
      if (until <= at) waiting!.delete(id)
      else firstLeaves = Math.min(firstLeaves, until)
    }
  }

  for (let next = 0; next < sightings.length; ) {
    const { at } = sightings[next]!
    if (isNews(at) && waiting === undefined) waitFrom(from.moment ?? from.zeroAt)
    for (; next < sightings.length && sightings[next]!.at === at; next++) {
      const { arm, target } = sightings[next]!
      scraped[arm].set(target, scrapedAgain(scraped[arm].get(target), at))
      if (!isNews(at)) continue
      waiting!.delete(`${arm} ${target}`)
      seenArms.add(arm)
    }
    if (!isNews(at)) continue
    leaveBehind(at)
    const hasBegun = from.moment !== null || moments.length > 0
    if (waiting!.size > 0 || !(hasBegun || (seenArms.size === 2 && (at === allSeenAt || isIntervalKnown(scraped)))))
      continue
    moments.push(at)
    waitFrom(at)
  }
  return moments
}

/** Whether a target was scraped twice. Before that, some targets may not have been scraped at all. */
const isIntervalKnown = ({ baseline, canary }: MomentsFrom['scraped']): boolean =>
  [...baseline.values(), ...canary.values()].some(({ gapsMs }) => gapsMs.length > 0)

/** Returns when the last new target was seen before any target was seen twice; `undefined` if no target was. */
function allSeenIn(sightings: readonly Sighting[]): number | undefined {
  const seen = new Map<string, number>()
  let newest: number | undefined
  for (const { at, arm, target } of sightings) {
    const id = `${arm} ${target}`
    const before = seen.get(id)
    if (before !== undefined && before < at) return newest
    if (before === undefined) newest = at
    seen.set(id, at)
  }
  return undefined
}
