/** The parameters of a confidence sequence. */
export interface SequenceOptions {
  /** The requests seen so far, of both arms. */
  readonly n: number
  /** The probability, over all looks, that the limit is ever wrong: above 0 and below ½. */
  readonly alpha: number
  /** The number of requests at which the limit is tightest. */
  readonly tunedFor: number
}

/**
 * Returns the distance of a one-sided limit from the estimate, in standard errors, that is valid at all looks
 * simultaneously.
 *
 * The limit of a t-test is valid only at one look that is fixed in advance. This limit is about 1.7 times as far away,
 * and can be monitored on a chart. It pools all requests and thus assumes that they come from one distribution: it is
 * for display only and decides nothing.
 *
 * √(2(nρ² + 1)/(nρ²) · ln(1 + √(nρ² + 1)/(2α))), ρ² = (−2 ln 2α + ln(1 − 2 ln 2α))/N. Infinite without requests.
 *
 * Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), *Time-uniform central limit theory and asymptotic confidence
 * sequences*, Annals of Statistics 52:2613–2640, arXiv 2103.06476.
 */
export function sequenceHalfWidth({ n, alpha, tunedFor }: SequenceOptions): number {
  const log = -2 * Math.log(2 * alpha)
  const spread = (n * (log + Math.log(1 + log))) / tunedFor // nρ²
  return Math.sqrt(((2 * (spread + 1)) / spread) * Math.log(1 + Math.sqrt(spread + 1) / (2 * alpha)))
}
