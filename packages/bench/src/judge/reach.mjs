import { limitsOf } from './limits.mjs'
import { quantileOf } from './tally.mjs'

/** What each figure of a reach is measured by: a share of the runs, or a quantile of what they took. */
const MEASURES = {
  falseRollback: { count: ({ rolledBack }) => rolledBack },
  missed: { count: ({ promoted, stalled }) => promoted + stalled },
  promoted: { count: ({ promoted }) => promoted },
  unpromoted: { count: ({ rolledBack, stalled }) => rolledBack + stalled },
  promotedInOutage: { count: ({ inOutage }) => inOutage },
  splitAlerts: { count: ({ falseSplit }) => falseSplit },
  stalled: { count: ({ stalled }) => stalled },
  exposed: { values: ({ exposed }) => exposed, q: 0.5 },
  lateExposed: { values: ({ exposed }) => exposed, q: 0.95 },
  rollbackMs: { values: ({ rollbackMs }) => rollbackMs, q: 0.5 },
  lateRollbackMs: { values: ({ rollbackMs }) => rollbackMs, q: 0.95 },
  promotionMs: { values: ({ promotionMs }) => promotionMs, q: 0.5 },
  latePromotionMs: { values: ({ promotionMs }) => promotionMs, q: 0.95 },
  oracleRatio: { values: ({ exposed }, oracle) => exposed.map((requests) => requests / oracle), q: 0.5 },
}

/**
 * One figure of a reach beside what was measured.
 *
 * @typedef {object} Aim
 * @property {keyof import('./scenario.mjs').Reach} figure
 * @property {number} most
 * @property {number} measured
 * @property {'reached' | 'missed' | 'contradicted'} state a miss that chance explains is no contradiction
 */

/**
 * What a judge reached of what was asked for.
 *
 * A share is contradicted where the lower 95 % limit of Clopper and Pearson lies above it. A quantile is where
 * significantly fewer runs than its share stayed within, by the same limits: the sign test.
 *
 * @param {import('./scenario.mjs').Reach} reach
 * @param {import('./tally.mjs').Tally} tally
 * @param {number} [oracle] the median exposure of the oracle
 * @returns {readonly Aim[]}
 */
export function aimsOf(reach, tally, oracle) {
  return Object.entries(reach)
    .filter(([, most]) => most !== undefined)
    .map(([figure, most]) => ({ figure, most, ...measure(MEASURES[figure], most, tally, oracle) }))
}

/**
 * Whether an aim that the data contradict fails the benchmark.
 *
 * The distance to the oracle does not: it is shown against what nobody can reach.
 *
 * @param {Aim} aim
 */
export function isBroken({ figure, state }) {
  return state === 'contradicted' && figure !== 'oracleRatio'
}

function measure({ count, values, q }, most, tally, oracle) {
  if (count !== undefined) {
    const hits = count(tally)
    return stateOf(hits / tally.runs, most, limitsOf(hits, tally.runs).low > most)
  }
  const all = values(tally, oracle)
  const within = all.filter((value) => value <= most).length
  return stateOf(quantileOf(all, q), most, all.length > 0 && limitsOf(within, all.length).high < q)
}

function stateOf(measured, most, isContradicted) {
  return { measured, state: isContradicted ? 'contradicted' : measured > most ? 'missed' : 'reached' }
}
