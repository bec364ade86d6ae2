/**
 * Returns how far the heap moved over the marks, in MiB above the first one.
 *
 * @param {import('../run.mjs').Growth} growth
 * @returns {{ least: number, most: number, last: number, trend: number }} `trend` is the change over all marks of the
 *   line that fits best (least squares)
 */
export function heapOf({ marks }) {
  const more = marks.map(({ moreMiB }) => moreMiB)
  const [first, last] = [marks[0], marks.at(-1)]
  const meanX = meanOf(marks.map(({ seconds }) => seconds))
  const meanY = meanOf(more)
  let [products, squares] = [0, 0]
  for (const { seconds, moreMiB } of marks) {
    products += (seconds - meanX) * (moreMiB - meanY)
    squares += (seconds - meanX) ** 2
  }
  const trend = (products / squares) * (last.seconds - first.seconds)
  return { least: Math.min(...more), most: Math.max(...more), last: last.moreMiB, trend }
}

/**
 * Returns MiB with their sign.
 *
 * @param {number} value
 */
export function mib(value) {
  const text = Math.abs(value).toFixed(2)
  return text === '0.00' ? '0' : `${value < 0 ? '−' : '+'}${text}`
}

/**
 * Returns microseconds as milliseconds.
 *
 * @param {number} us
 */
export function ms(us) {
  return (us / 1_000).toFixed(us < 10_000 ? 2 : 1)
}

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
