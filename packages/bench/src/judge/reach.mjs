import { limitsOf } from './limits.mjs'
import { quantileOf } from './tally.mjs'

/** How each aim is measured: as a share of the runs, or as a quantile of a time or count. */
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
 * One aim and what was measured.
 *
 * @typedef {object} Aim
 * @property {keyof import('./scenario.mjs').Reach} figure
 * @property {number} most
 * @property {number} measured
 * @property {'reached' | 'missed' | 'contradicted'} state a miss that chance explains is no contradiction
 */

/**
 * Returns what a judge reached of its aims.
 *
 * A share is contradicted if the lower 95 % limit of Clopper and Pearson lies above it. A quantile is contradicted if
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
 * Returns whether an aim that the data contradict fails the benchmark.
 *
 * The distance to the oracle does not, because no judge can reach the oracle.
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
