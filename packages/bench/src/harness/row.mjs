/**
 * One line of the report.
 *
 * @typedef {object} Row
 * @property {string} what
 * @property {number | null} most the aim: not above this; `null` where the figure is only shown
 * @property {import('./spread.mjs').Spread} reached
 * @property {number} [cheapest] what the tests compare with a limit: of a ratio, that of the cheapest batches
 * @property {import('./spread.mjs').Spread | null} noise the same measurement of equal things
 * @property {'×' | 'KiB' | 'B' | 'MiB' | 'ms'} unit
 * @property {string} [note]
 */

/**
 * Returns a ratio of two candidates as a line of the report.
 *
 * @param {import('./paired.mjs').Comparison} comparison
 * @param {{ what: string, candidate: string, reference: string, most?: number }} line
 * @returns {Row}
 */
export function ratioRow(comparison, { what, candidate, reference, most }) {
  const cost = (name) => nanoseconds(comparison.nanoseconds(name))
  return {
    what,
    most: most ?? null,
    reached: comparison.ratio(candidate, reference),
    cheapest: comparison.cheapest(candidate, reference),
    noise: comparison.noise(reference),
    unit: '×',
    note: `${cost(candidate)} / ${cost(reference)}`,
  }
}

/**
 * Returns a figure as a line of the report.
 *
 * @param {{ what: string, value: number, most?: number, unit: Row['unit'], note?: string }} line
 * @returns {Row}
 */
export function figureRow({ what, value, most, unit, note }) {
  return {
    what,
    most: most ?? null,
    reached: { median: value, low: value, high: value },
    cheapest: value,
    noise: null,
    unit,
    ...(note === undefined ? {} : { note }),
  }
}

/**
 * Returns a short time for people.
 *
 * @param {number} ns
 */
export function nanoseconds(ns) {
  if (ns < 1_000) return `${ns.toFixed(ns < 100 ? 1 : 0)} ns`
  return `${(ns / 1_000).toFixed(2)} µs`
}
