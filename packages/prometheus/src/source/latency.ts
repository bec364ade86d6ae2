import { CanaryError } from '@model-canary/core'
import { binLow, binMiddle, binOf, type Moments, type SparseBins } from '@model-canary/core/judge'

/** A histogram: cumulative counts by upper edge in microseconds. The edges rise, and the last is `Infinity`. */
export type CumulativeBuckets = readonly (readonly [edgeUs: number, count: number])[]

/**
 * Adds a histogram to bins. The count of each bucket is added to one bin within it.
 *
 * @throws `QUERY_NOT_A_COUNT` if the buckets are not a complete histogram
 */
export function addBuckets(bins: Map<number, number>, buckets: CumulativeBuckets): void {
  if (buckets.length < 2 || buckets.at(-1)![0] !== Number.POSITIVE_INFINITY) {
    throw new CanaryError(
      'QUERY_NOT_A_COUNT',
      `a histogram of ${buckets.length} buckets without le="+Inf" or without any finite le; select every le`,
    )
  }
  let below = 0
  let lowUs = 0
  for (const [highUs, upTo] of buckets) {
    if (upTo < below) {
      throw new CanaryError(
        'QUERY_NOT_A_COUNT',
        `the buckets of a histogram are not cumulative: ${below} up to ${lowUs} µs, then ${upTo}; select every le`,
      )
    }
    const bin = binWithin(lowUs, highUs)
    if (upTo > below) bins.set(bin, (bins.get(bin) ?? 0) + upTo - below)
    below = upTo
    lowUs = highUs
  }
}

/** Returns the bin nearest to the midpoint of a bucket; for the open bucket, the bin of its lower edge. */
export function binWithin(lowUs: number, highUs: number): number {
  if (highUs === Number.POSITIVE_INFINITY) return binOf(lowUs)
  const middleUs = (lowUs + highUs) / 2
  const middle = binOf(middleUs)
  const nearby = [middle - 1, middle, middle + 1].filter((bin) => binLow(bin) >= lowUs && binMiddle(bin) < highUs)
  const distance = (bin: number) => Math.abs(binMiddle(bin) - middleUs)
  return nearby.reduce((nearest, bin) => (distance(bin) < distance(nearest) ? bin : nearest), middle)
}

/**
 * Returns the moments of durations by bin, in microseconds, with the exact sum and sum of squares if they are known.
 *
 * If only the sum is known, all midpoints are scaled by one factor to match it. The squares of unscaled midpoints and
 * an exact sum could give a variance of 0.
 */
export function durationMoments(bins: SparseBins, sumUs: number | undefined, squaresUs: number | undefined): Moments {
  let count = 0
  let sum = 0
  let sumOfSquares = 0
  for (const [bin, times] of bins) {
    const us = binMiddle(bin)
    count += times
    sum += times * us
    sumOfSquares += times * us * us
  }
  if (count === 0) return { count, sum: 0, sumOfSquares: 0 }
  const stretch = sumUs === undefined || sum === 0 ? 1 : sumUs / sum
  return {
    count,
    sum: Math.round(sumUs ?? sum),
    sumOfSquares: Math.round(squaresUs ?? sumOfSquares * stretch * stretch),
  }
}
