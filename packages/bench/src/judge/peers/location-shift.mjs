/**
 * The limits and the estimate of the shift between two samples, by the Mann–Whitney U test.
 *
 * A limit is the shift at which the standardised U of the shifted samples crosses ±z, with the correction for ties
 * and for continuity; the estimate is where it crosses 0. As in R's `wilcox.test(exact = FALSE, conf.int = TRUE)`,
 * which Kayenta follows as well.
 *
 * Mann and Whitney (1947), Annals of Mathematical Statistics 18:50–60; Bauer (1972), JASA 67:687–690.
 *
 * @param {readonly number[]} x
 * @param {readonly number[]} y
 * @param {number} z the normal quantile of one limit
 */
export function locationShift(x, y, z) {
  const least = Math.min(...x) - Math.max(...y)
  const most = Math.max(...x) - Math.min(...y)
  const crossing = (level) => fallsBelow((shift) => standardisedU(x, y, shift) - level, least, most)
  return { low: crossing(z), high: crossing(-z), estimate: crossing(0) }
}

/**
 * U of x − shift against y, less its mean, over its standard deviation; 0 where all values are tied.
 *
 * @param {readonly number[]} x
 * @param {readonly number[]} y
 * @param {number} [shift]
 */
export function standardisedU(x, y, shift = 0) {
  const shifted = x.map((value) => value - shift)
  let wins = 0
  for (const left of shifted) for (const right of y) wins += left > right ? 1 : left === right ? 0.5 : 0
  const excess = wins - (x.length * y.length) / 2
  const all = x.length + y.length
  const variance = ((x.length * y.length) / 12) * (all + 1 - tiesOf([...shifted, ...y]) / (all * (all - 1)))
  return variance > 0 ? (excess - 0.5 * Math.sign(excess)) / Math.sqrt(variance) : 0
}

/** Σ (t³ − t) over the groups of equal values. */
function tiesOf(values) {
  const sizes = new Map()
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1)
  return [...sizes.values()].reduce((sum, size) => sum + size ** 3 - size, 0)
}

/** Returns the root of a falling function, by bisection; an end of the interval if there is none. */
function fallsBelow(falling, low, high) {
  if (falling(low) <= 0) return low
  if (falling(high) >= 0) return high
  let above = low
  let below = high
  for (let halving = 0; halving < 60; halving++) {
    const middle = (above + below) / 2
    if (falling(middle) > 0) above = middle
    else below = middle
  }
  return (above + below) / 2
}
