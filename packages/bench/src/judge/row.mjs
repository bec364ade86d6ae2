import { seededRandom } from '@model-canary/testing'
import { limitsOf } from './limits.mjs'
import { oracleExposure } from './oracle.mjs'
import { aimsOf } from './reach.mjs'
import { quantileOf, tallyOf } from './tally.mjs'

/**
 * The results of one judge in one situation.
 *
 * @typedef {object} Row
 * @property {import('./scenario.mjs').Scenario} scenario
 * @property {import('./judges.mjs').Contestant} judge
 * @property {number} runs
 * @property {Share} wrong good: rolled back; bad: promoted or not rolled back by the horizon
 * @property {Share} rolledBack
 * @property {Share} promoted
 * @property {Share} stalled
 * @property {Share} early rolled back before the harm began
 * @property {Spread} exposed canary requests until the rollback, since the harm began
 * @property {Spread} rollbackMs
 * @property {Spread} promotionMs to the end of the bake
 * @property {Spread} bakeMs of it, in the bake
 * @property {number} [oracle] the median exposure of the oracle, at the weight that was in force when the harm began
 * @property {readonly import('./reach.mjs').Aim[]} aims
 * @property {number} runMs how long a run took in real time, the mean
 *
 * @typedef {{ share: number, low: number, high: number }} Share with its 95 % limits
 * @typedef {{ median: number, p95: number }} Spread
 */

/** The oracles' requests, by situation and weight: each takes a while. */
const oracles = new Map()

/**
 * Returns the oracle's requests in a situation.
 *
 * For harm that begins late, the weight is the one in force then, the median of the runs.
 */
function oracleOf({ name, oracle, onset }, onsetWeights) {
  if (oracle === undefined) return undefined
  const inForce = onsetWeights.length > 0 ? quantileOf(onsetWeights, 0.5) : onset?.fromWeight
  const weight = inForce && inForce / 100
  const key = `${name}/${weight}`
  if (!oracles.has(key)) oracles.set(key, oracleExposure(oracle, { random: seededRandom(1), weight }))
  return oracles.get(key)
}

/**
 * Returns the results of one match. Only the judge of this library has aims.
 *
 * @param {import('./programme.mjs').Match} match
 * @param {readonly import('./outcome.mjs').Outcome[]} outcomes
 * @returns {Row}
 */
export function rowOf({ scenario, judge }, outcomes) {
  const tally = tallyOf(outcomes)
  const { runs, rolledBack, promoted, stalled, early } = tally
  const share = (count) => ({ share: count / runs, ...limitsOf(count, runs) })
  const spread = (values) => ({ median: quantileOf(values, 0.5), p95: quantileOf(values, 0.95) })
  const oracle = oracleOf(scenario, tally.onsetWeights)
  return {
    scenario,
    judge,
    runs,
    wrong: share(scenario.truth === 'bad' ? promoted + stalled : rolledBack),
    rolledBack: share(rolledBack),
    promoted: share(promoted),
    stalled: share(stalled),
    early: share(early),
    exposed: spread(tally.exposed),
    rollbackMs: spread(tally.rollbackMs),
    promotionMs: spread(tally.promotionMs),
    bakeMs: spread(tally.bakeMs),
    oracle,
    runMs: outcomes.reduce((sum, { tookMs = 0 }) => sum + tookMs, 0) / runs,
    aims: judge.name === 'evidence' ? aimsOf(scenario.reach, tally, oracle) : [],
  }
}
