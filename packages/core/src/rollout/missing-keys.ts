import type { ByVariant } from '../foundation/vocabulary.js'

/** From this many requests without a usable key on, a missing option is the likely cause. */
export const ENOUGH_WITHOUT_KEY = 100

/** What was counted in a step: requests without a usable key, and finished requests of each arm, which had one. */
export interface CountedKeys {
  readonly withoutKey: number
  readonly requests: ByVariant<number>
}

/** Says how many requests of a step had no usable key, and what to do; `undefined` if they are few, or the smaller part. */
export function describeMissingKeys({ withoutKey, requests }: CountedKeys): string | undefined {
  const all = withoutKey + requests.baseline + requests.canary
  if (withoutKey < ENOUGH_WITHOUT_KEY || 2 * withoutKey < all) return undefined
  const counted = `${withoutKey} of ${all} requests in this step had no usable key, and they count for neither version`
  return `${counted}: the middleware and wrap take the option "key", a function that returns the user's id`
}
