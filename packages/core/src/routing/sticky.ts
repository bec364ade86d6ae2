import { CanaryError } from '../foundation/errors.js'
import { type Defaults, oneOf, optionalFunction, refuseUnknown, show } from '../foundation/options.js'
import { refuseNonObject } from '../foundation/right-form.js'
import type { Variant } from '../foundation/vocabulary.js'
import { variantOf } from './bucket.js'
import { checkedKeyTextOf } from './key.js'
import { createBucketer } from './md5.js'
import { randomStrategy } from './random.js'
import type { BucketStrategy, RoutingInput } from './strategy.js'

/** Options of a sticky split. */
export interface StickyStrategyOptions {
  /**
   * Makes two rollouts choose different users. Never change it during a rollout. With the salt of the rollout before,
   * the same users get the canary first, and what was stored about how they differ is used. With `''` only the key is
   * hashed.
   */
  readonly salt: string
  /** Where a request without a key goes: to the baseline, or a random variant. @default 'baseline' */
  readonly onMissingKey?: 'baseline' | 'random' | undefined
  /** The random numbers for `onMissingKey: 'random'`. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** What an option is if it is not given. */
const STICKY_DEFAULTS = { onMissingKey: 'baseline' } as const satisfies Defaults<StickyStrategyOptions>

/**
 * Keeps every key on one variant, on every machine and after every restart.
 * Raising the weight only moves keys from the baseline to the canary; lowering it only moves them back.
 *
 * The calls of heavy users that begin during a rollout, such as bots, are not compared: docs/statistics.md.
 *
 * A blank string and `'undefined'` count as a missing key; see {@link RoutingKey}. At weight 100 there is no baseline,
 * so a request without a key goes to the canary regardless of `onMissingKey`.
 *
 * Rejects with `INVALID_OPTION` or `UNKNOWN_OPTION`; `pick` throws `INVALID_KEY`, see `Bucketer`.
 *
 * @example
 * const strategy = await stickyStrategy({ salt: 'sentiment-2026-11' })
 * strategy.pick({ key: 'user_123' }, 10) // the same answer every time
 */
export async function stickyStrategy(options: StickyStrategyOptions): Promise<BucketStrategy> {
  refuseNonObject('stickyStrategy', options, "stickyStrategy({ salt: 'sentiment-2026-11' })")
  refuseUnknown('stickyStrategy', options, { salt: 1, onMissingKey: 1, random: 1 })
  const { salt, onMissingKey = STICKY_DEFAULTS.onMissingKey } = options
  if (typeof salt !== 'string') {
    throw new CanaryError('INVALID_OPTION', `salt must be a string such as the rollout's name, got ${show(salt)}`)
  }
  oneOf('onMissingKey', onMissingKey, ['baseline', 'random'])
  const byChance = randomStrategy({ random: optionalFunction('random', options.random) })

  const bucketer = await createBucketer()
  bucketer('', salt) // a salt that cannot be hashed is refused here, not at the first request

  const bucketOf = ({ key }: RoutingInput): number | undefined => {
    const text = checkedKeyTextOf(key)
    return text === undefined ? undefined : bucketer(text, salt)
  }
  const pickWithoutKey = (weight: number): Variant =>
    onMissingKey === 'random' ? byChance.pick({}, weight) : weight === 100 ? 'canary' : 'baseline'

  return {
    name: 'sticky',
    unit: 'key',
    salt,
    bucketOf,
    pick(request, weight) {
      const bucket = bucketOf(request)
      return bucket === undefined ? pickWithoutKey(weight) : variantOf(bucket, weight)
    },
  }
}
