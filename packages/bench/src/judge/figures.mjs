/**
 * Returns a share in percent, with as few digits as possible.
 *
 * @param {number} share
 */
export function percent(share) {
  const value = 100 * share
  if (value === 0 || value === 100) return String(value)
  return value < 1 ? value.toFixed(2) : value.toFixed(1)
}

/**
 * Returns a time for people.
 *
 * @param {number} ms
 */
export function time(ms) {
  if (!Number.isFinite(ms)) return '–'
  const seconds = ms / 1_000
  if (seconds < 600) return `${Math.round(seconds)} s`
  return seconds < 6_000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3_600).toFixed(1)} h`
}

/**
 * Returns a count with separated thousands.
 *
 * @param {number} value
 */
export function count(value) {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en') : '–'
}

/**
 * Returns a ratio for people.
 *
 * @param {number | undefined} value
 */
export function times(value) {
  return Number.isFinite(value) ? `${value.toFixed(1)}×` : '–'
}

/** The sentences of the aims: what is required, and what was measured. */
const WORDS = {
  falseRollback: (share) => `${percent(share)} % rolled back`,
  missed: (share) => `${percent(share)} % missed`,
  promoted: (share) => `${percent(share)} % promoted`,
  unpromoted: (share) => `${percent(share)} % not promoted`,
  promotedInOutage: (share) => `${percent(share)} % promoted in the outage`,
  splitAlerts: (share) => `${percent(share)} % with a false alert of the split`,
  stalled: (share) => `${percent(share)} % stalled`,
  exposed: (requests) => `${count(requests)} exposed`,
  lateExposed: (requests) => `95 % within ${count(requests)} exposed`,
  rollbackMs: (ms) => `half rolled back in ${time(ms)}`,
  lateRollbackMs: (ms) => `95 % rolled back in ${time(ms)}`,
  promotionMs: (ms) => `half promoted in ${time(ms)}`,
  latePromotionMs: (ms) => `95 % promoted in ${time(ms)}`,
  oracleRatio: (ratio) => `${times(ratio)} the oracle`,
}

const isTime = (figure) => figure.endsWith('Ms')

/**
 * Returns an aim as text.
 *
 * @param {import('./reach.mjs').Aim} aim
 */
export function aimText({ figure, most }) {
  const text = WORDS[figure](most)
  return most === 0 || isTime(figure) ? text : `≤ ${text}`
}

/**
 * Returns what was measured for an aim, in the aim's own unit.
 *
 * @param {import('./reach.mjs').Aim} aim
 */
export function measuredText({ figure, measured }) {
  return WORDS[figure](measured)
}
