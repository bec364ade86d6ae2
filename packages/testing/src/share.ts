import { binomialInterval, type Proportion } from './binomial-interval.js'

/** A proportion of a sample, with confidence limits of the true proportion. */
export interface Share {
  readonly count: number
  /** The observed fraction. */
  readonly rate: number
  /** Lower 95 % confidence limit of the true fraction, exact after Clopper and Pearson. */
  readonly low: number
  /** Upper 95 % confidence limit of the true fraction. */
  readonly high: number
}

/** Returns a proportion with its exact confidence limits. */
export function shareOf({ hits, trials }: Proportion): Share {
  const [low, high] = binomialInterval({ hits, trials })
  return { count: hits, rate: hits / trials, low, high }
}
