/**
 * Returns a quantile, by linear interpolation.
 *
 * @param {readonly number[]} values
 * @param {number} q a fraction: 0.5 is the median
 */
export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)]
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at))
}

/**
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} low the lower quartile
 * @property {number} high the upper quartile
 */

/**
 * Returns the median of repeated measurements and their quartiles.
 *
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export function spreadOf(values) {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
  }
}

/**
 * Returns the ratio of the extra costs of `part` and of `whole`, over paired rounds.
 * Single rounds would divide by differences near zero, so the medians are divided and the rounds drawn again and
 * again (bootstrap) for the middle half.
 *
 * @param {readonly number[]} part
 * @param {readonly number[]} whole
 * @param {() => number} random
 * @returns {Spread}
 */
export function ratioOfMedians(part, whole, random) {
  const draws = Array.from({ length: 1_000 }, () => {
    const rounds = part.map(() => Math.floor(random() * part.length))
    return (
      quantile(
        rounds.map((round) => part[round]),
        0.5,
      ) /
      quantile(
        rounds.map((round) => whole[round]),
        0.5,
      )
    )
  })
  return { ...spreadOf(draws), median: quantile(part, 0.5) / quantile(whole, 0.5) }
}
