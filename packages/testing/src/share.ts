import { binomialInterval, type Proportion } from './binomial-interval.js'

/** How many of all, and how sure that is of what happens in the long run. */
export interface Share {
  readonly count: number
  /** The fraction that was seen. */
  readonly rate: number
  /** Lower 95 % confidence limit of the true fraction, exact after Clopper and Pearson. */
  readonly low: number
  /** Upper limit of the same. */
  readonly high: number
}

/** A proportion with its exact limits. */
export function shareOf({ hits, trials }: Proportion): Share {
  const [low, high] = binomialInterval({ hits, trials })
  return { count: hits, rate: hits / trials, low, high }
}
