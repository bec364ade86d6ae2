import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import type { Variant } from '../foundation/vocabulary.js'
import { BUCKET_COUNT } from './bucket.js'
import { layersOf } from './override.js'
import { ignoreRejection } from './rejections.js'
import type { BucketStrategy, OverrideStrategy, Strategy } from './strategy.js'

/** A strategy prepared for the hot path: its layers and its kind are determined once. */
export interface Route {
  readonly name: string
  readonly overrides: readonly OverrideStrategy[]
  readonly strategy: Strategy
  readonly buckets: BucketStrategy | undefined
}

/** Returns the route of a strategy. Throws `INVALID_STRATEGY`. */
export function routeOf(strategy: Strategy): Route {
  const { overrides, innermost } = layersOf(strategy)
  return {
    name: strategy.name,
    overrides,
    strategy: innermost,
    buckets: hasBuckets(innermost) ? innermost : undefined,
  }
}

/** Returns whether a strategy has buckets. */
export function hasBuckets(strategy: Strategy): strategy is BucketStrategy {
  return strategy.unit === 'key' && 'bucketOf' in strategy && typeof strategy.bucketOf === 'function'
}

/** Returns a strategy's answer if it is a variant. Throws `STRATEGY_FAILED` otherwise. */
export function checkedVariant(answer: Variant): Variant {
  if (answer === 'baseline' || answer === 'canary') return answer
  ignoreRejection(answer)
  throw new CanaryError(
    'STRATEGY_FAILED',
    `a strategy must return "baseline" or "canary" synchronously, got ${show(answer)}`,
  )
}

/** Returns a bucket if it is one. Throws `STRATEGY_FAILED` otherwise. */
export function checkedBucket(bucket: number): number {
  if (Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKET_COUNT) return bucket
  ignoreRejection(bucket)
  throw new CanaryError('STRATEGY_FAILED', `bucketOf must return a whole number from 0 to 9999, got ${show(bucket)}`)
}
