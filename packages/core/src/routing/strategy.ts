import type { Variant } from '../foundation/vocabulary.js'
import type { RoutingKey } from './key.js'

/** What a request is routed by, as the caller gives it. */
export interface RoutingInput {
  /** Who is routed: a user, a session, a tenant. */
  readonly key?: RoutingKey
  /** Anything else that a custom strategy decides by. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
}

/** What a strategy receives about a request. */
export interface RoutingRequest {
  /** Who is routed, as text; `undefined` if no valid key was given. */
  readonly key?: string | undefined
  /** Anything else that a custom strategy decides by. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
}

/**
 * How traffic is split: one synchronous method.
 *
 * A strategy must return `'baseline'` at weight 0 and `'canary'` at weight 100.
 * If it throws, or returns anything but the two variants, the request goes to the baseline and
 * counts as `strategy-error`.
 *
 * @example
 * const internalUsersFirst: Strategy = {
 *   name: 'internal-users-first',
 *   unit: 'key',
 *   pick: ({ key }, weight) => (weight > 0 && key?.endsWith('@example.com') ? 'canary' : 'baseline'),
 * }
 */
export interface Strategy {
  /** A short name for messages, such as `sticky`. */
  readonly name: string
  /** What is randomised: each request by itself, or all requests of a key together. */
  readonly unit: 'request' | 'key'
  /** @param weight the canary's share in percent, 0–100 */
  pick(request: RoutingRequest, weight: number): Variant
}

/** A strategy that puts a key into one of the buckets 0…9999 and compares it with the weight. */
export interface BucketStrategy extends Strategy {
  /** Buckets belong to keys. */
  readonly unit: 'key'
  /**
   * Makes the buckets differ from those of other rollouts. Two strategies with the same name and salt must put each key
   * into the same bucket. Without it, what was learned of the users of a version is not kept for the next release.
   */
  readonly salt?: string | undefined
  /** Returns the request's bucket, or `undefined` if the request has no key. */
  bucketOf(request: RoutingInput): number | undefined
  /** Returns the variant of a request at a weight in percent. */
  pick(request: RoutingInput, weight: number): Variant
}

/** A strategy with an override for some requests; see `withOverride`. */
export interface OverrideStrategy extends Strategy {
  /** The strategy that decides where nothing is forced. */
  readonly inner: Strategy
  /** The variant that is forced on this request, or `undefined` to let `inner` decide. */
  forced(request: RoutingRequest): Variant | undefined
}
