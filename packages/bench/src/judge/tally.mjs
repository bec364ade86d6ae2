import { quantile } from '../harness/spread.mjs'

/**
 * The counts of many runs of one judge in one situation.
 *
 * @typedef {object} Tally
 * @property {number} runs
 * @property {number} promoted
 * @property {number} rolledBack
 * @property {number} stalled
 * @property {number} early rolled back before there was anything to find; not among `rolledBack`
 * @property {number} inOutage promoted while both versions were down
 * @property {number} falseSplit runs with an alert of a split that was as planned
 * @property {readonly number[]} exposed canary requests until a rollback, since the harm began; infinite without one
 * @property {readonly number[]} rollbackMs the time until then; infinite without one
 * @property {readonly number[]} promotionMs of all that were not rolled back, to the end of the bake; infinite for the
 *   stalled
 * @property {readonly number[]} bakeMs how long the bake lasted, of the promoted
 * @property {readonly number[]} onsetWeights the canary's share when the harm began, in percent
 */

/**
 * Counts the runs of one judge in one situation.
 *
 * @param {readonly import('./outcome.mjs').Outcome[]} outcomes
 * @returns {Tally}
 */
export function tallyOf(outcomes) {
  const isEarly = (outcome) => outcome.state === 'rolled-back' && outcome.sinceOnset === 0
  const early = outcomes.filter(isEarly).length
  const judged = outcomes.filter((outcome) => !isEarly(outcome))
  const countOf = (state) => judged.filter((outcome) => outcome.state === state).length
  const untilRollback = (take) =>
    judged.map((outcome) => (outcome.state === 'rolled-back' ? take(outcome) : Number.POSITIVE_INFINITY))

  return {
    runs: outcomes.length,
    promoted: countOf('promoted'),
    rolledBack: countOf('rolled-back'),
    stalled: countOf('stalled'),
    early,
    inOutage: judged.filter(({ isInOutage }) => isInOutage).length,
    falseSplit: judged.filter(({ splitAlerts = 0 }) => splitAlerts > 0).length,
    exposed: untilRollback(({ exposed, sinceOnset = exposed }) => sinceOnset),
    rollbackMs: untilRollback(({ elapsedMs, onsetMs = 0 }) => elapsedMs - onsetMs),
    promotionMs: judged
      .filter(({ state }) => state !== 'rolled-back')
      .map(({ state, elapsedMs }) => (state === 'promoted' ? elapsedMs : Number.POSITIVE_INFINITY)),
    bakeMs: judged
      .filter(({ state, bakeFromMs }) => state === 'promoted' && bakeFromMs !== undefined)
      .map(({ elapsedMs, bakeFromMs }) => elapsedMs - bakeFromMs),
    onsetWeights: judged.map(({ onsetWeight }) => onsetWeight).filter((weight) => weight !== undefined),
  }
}

/**
 * Returns a quantile of values, some of which may be infinite; NaN without values.
 *
 * @param {readonly number[]} values
 * @param {number} q
 */
export function quantileOf(values, q) {
  if (values.length === 0) return Number.NaN
  const value = quantile(values, q)
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value // between a number and infinity, or two infinities
}
