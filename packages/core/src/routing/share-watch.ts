import type { Assignment } from '../foundation/vocabulary.js'
import { hashOfKey } from '../summaries/clusters.js'
import { BUCKET_COUNT } from './bucket.js'
import { keyTextOf } from './key.js'
import { ENOUGH_REQUESTS, isApart, type PlaceCounts, shareExcessMessage, shareExcessOf } from './share-excess.js'
import type { RoutingInput } from './strategy.js'

/** Compares the canary's share of the requests with its weight, for splits of users instead of requests. */
export interface ShareWatch {
  /** Counts one request. At most once per epoch, returns a message about the few keys that distort the share. */
  see(assignment: Assignment, request: RoutingInput | undefined): string | undefined
}

/**
 * Creates a watch. It counts requests by bucket, or by a hash of the key if the strategy has no buckets. The counts
 * take 80 kB, only while a rollout splits. They are examined at every thousandth request of a step whose share is off.
 */
export function createShareWatch(): ShareWatch {
  let counts: PlaceCounts | undefined
  let [epoch, step, weight] = [-1, -1, -1]
  let [split, canary] = [0, 0]
  let toldInEpoch = -1

  const reopen = (assignment: Assignment): void => {
    ;({ epoch, step, weight } = assignment)
    split = canary = 0
    counts?.fill(0)
  }

  const forget = (): void => {
    epoch = step = weight = -1
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
    see(assignment, request) {
      const { reason } = assignment
      if (reason === 'disabled') {
        if (epoch >= 0) forget()
        return undefined
      }
      if (assignment.step !== step || assignment.epoch !== epoch || assignment.weight !== weight) reopen(assignment)
      if (reason !== 'split' || toldInEpoch === epoch) return undefined
      if (weight === 100) {
        counts = undefined // requests are no longer split
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

/** Returns the place of a key without a bucket. An unreadable request counts in place 0 and does not throw. */
function placeOf(request: RoutingInput | undefined): number {
  try {
    return (hashOfKey(keyTextOf(request?.key) ?? '') >>> 0) % BUCKET_COUNT
  } catch {
    return 0
  }
}
