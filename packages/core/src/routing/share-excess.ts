import { BUCKET_COUNT } from './bucket.js'

/** Counts of split requests: the baseline's places 0…9999, then the canary's. A place is a bucket or a hash of keys. */
export type PlaceCounts = Uint32Array

/** The share is not checked with fewer split requests than this. */
export const ENOUGH_REQUESTS = 1_000

/** The largest number of places that are named as a cause. */
const HANDFUL = 5

/** The smallest difference between share and weight that is reported, in percentage points. */
const LEAST_POINTS = 5

/** The cause of a difference between the canary's share of the requests and its weight. */
export interface ShareExcess {
  /** The canary's share of the requests, in percent. */
  readonly share: number
  /** The places that cause the difference, the heaviest first. */
  readonly places: readonly number[]
  /** Their share of all requests, in percent. */
  readonly placesShare: number
}

/**
 * Returns whether a share is further from its weight than many small users could bring it: by more than five points,
 * and by more than a third of the smaller arm's weight. Both are in percent.
 */
export function isApart(share: number, weight: number): boolean {
  return Math.abs(share - weight) > Math.max(LEAST_POINTS, Math.min(weight, 100 - weight) / 3)
}

/**
 * Returns the one to five places that cause the difference between the canary's share and its weight. `undefined` if
 * there is no such difference, or if it remains without these places: then the cause is the split and not its users.
 *
 * The places are the cause if the share of the other places is within the tolerance and at most half as far from the
 * weight.
 */
export function shareExcessOf(counts: PlaceCounts, weight: number): ShareExcess | undefined {
  const baseline = counts.subarray(0, BUCKET_COUNT)
  const canary = counts.subarray(BUCKET_COUNT)
  const [onBaseline, onCanary] = [sum(baseline), sum(canary)]
  const all = onBaseline + onCanary
  const share = (100 * onCanary) / all
  if (all < ENOUGH_REQUESTS || !isApart(share, weight)) return undefined

  const places = heaviest(share > weight ? canary : baseline)
  let [left, leftOnCanary] = [all, onCanary]
  for (const [index, place] of places.entries()) {
    left -= baseline[place]! + canary[place]!
    leftOnCanary -= canary[place]!
    const rest = left === 0 ? weight : (100 * leftOnCanary) / left
    if (isApart(rest, weight) || Math.abs(rest - weight) > Math.abs(share - weight) / 2) continue
    return { share, places: places.slice(0, index + 1), placesShare: (100 * (all - left)) / all }
  }
  return undefined
}

/** Returns a message that states the cause and what to do. It names buckets, never keys. */
export function shareExcessMessage(
  { share, places, placesShare }: ShareExcess,
  weight: number,
  hasBuckets: boolean,
): string {
  const keys = places.length === 1 ? 'one key' : `${places.length} keys`
  const named = hasBuckets ? ` (bucket${places.length === 1 ? '' : 's'} ${places.join(', ')})` : ''
  const difference = `the canary gets ${tenths(share)} % of the requests at a weight of ${weight} %`
  const cause = `${keys}${named} ${places.length === 1 ? 'has' : 'have'} ${tenths(placesShare)} % of all of them`
  return `${difference}, because ${cause}: give each user a key of their own, or undefined if there is none`
}

function heaviest(counts: Uint32Array): readonly number[] {
  const top: number[] = []
  counts.forEach((count, place) => {
    if (count === 0 || (top.length === HANDFUL && count <= counts[top.at(-1)!]!)) return
    top.push(place)
    top.sort((a, b) => counts[b]! - counts[a]!)
    if (top.length > HANDFUL) top.pop()
  })
  return top
}

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0)

const tenths = (percent: number): number => Math.round(percent * 10) / 10
