import type { Assignment } from '../foundation/vocabulary.js'
import { hashOfKey } from '../summaries/clusters.js'
import { BUCKET_COUNT } from './bucket.js'
import { keyTextOf } from './key.js'
import { ENOUGH_REQUESTS, isApart, type PlaceCounts, shareExcessMessage, shareExcessOf } from './share-excess.js'
import type { RoutingInput } from './strategy.js'

/** Watches whether the canary's share of the requests is the weight, where users are split and not requests. */
export interface ShareWatch {
  /** Requests of the step in force that had no key. */
  readonly withoutKey: number
  /** Counts one request. At most once an epoch it answers with a sentence about the few keys that make a difference. */
  see(assignment: Assignment, request: RoutingInput | undefined): string | undefined
}

/**
 * Makes a watch. It counts by bucket, or by a hash of the key where the strategy has no buckets, in 80 kB that are held
 * only while a rollout splits, and looks at them at every thousandth request of a step whose share is off.
 */
export function createShareWatch(): ShareWatch {
  let counts: PlaceCounts | undefined
  let [epoch, step, weight] = [-1, -1, -1]
  let [split, canary, withoutKey] = [0, 0, 0]
  let toldInEpoch = -1

  const reopen = (assignment: Assignment): void => {
    ;({ epoch, step, weight } = assignment)
    split = canary = withoutKey = 0
    counts?.fill(0)
  }

  const forget = (): void => {
    epoch = step = weight = -1
    withoutKey = 0
    counts = undefined
  }

  const count = ({ bucket, variant }: Assignment, request: RoutingInput | undefined): void => {
    counts ??= new Uint32Array(2 * BUCKET_COUNT)
    const place = bucket ?? placeOf(request)
    counts[variant === 'canary' ? BUCKET_COUNT + place : place]! += 1
    split += 1
    if (variant === 'canary') canary += 1
  }

  return {
    get withoutKey() {
      return withoutKey
    },
    see(assignment, request) {
      const { reason } = assignment
      if (reason === 'disabled') {
        if (epoch >= 0) forget()
        return undefined
      }
      if (assignment.step !== step || assignment.epoch !== epoch || assignment.weight !== weight) reopen(assignment)
      if (reason === 'no-key') withoutKey += 1
      if (reason !== 'split' || toldInEpoch === epoch) return undefined
      if (weight === 100) {
        counts = undefined // nothing is split any more
        return undefined
      }
      count(assignment, request)
      if (split % ENOUGH_REQUESTS !== 0 || !isApart((100 * canary) / split, weight)) return undefined
      const excess = shareExcessOf(counts!, weight)
      if (excess === undefined) return undefined
      toldInEpoch = epoch
      counts = undefined
      return shareExcessMessage(excess, weight, assignment.bucket !== undefined)
    },
  }
}

/** Where a key counts that has no bucket. A request that cannot be read must not break serving. */
function placeOf(request: RoutingInput | undefined): number {
  try {
    return (hashOfKey(keyTextOf(request?.key) ?? '') >>> 0) % BUCKET_COUNT
  } catch {
    return 0
  }
}
