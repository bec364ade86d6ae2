import { stickyStrategy } from '@model-canary/core'
import { userKeys } from '@model-canary/testing'
import { gaussian } from './draws.mjs'

/**
 * One situation: the traffic, the truth, and the aims of a judge.
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {'good' | 'bad' | 'between'} truth between the greatest harm that is tolerated and the margin no answer is wrong
 * @property {'table' | 'traffic' | 'users' | 'outages' | 'incidents' | 'uptimes' | 'differing-users' | 'heavy-users' | 'shifts' | 'scraped' | 'held-out' | 'curve'} group
 * @property {(random: () => number) => Traffic} traffic made anew for each run
 * @property {{ afterMs: number } | { fromWeight: number }} [onset] where the harm is not there from the beginning
 * @property {import('./oracle.mjs').Increment} [oracle]
 * @property {Reach} reach
 * @property {readonly string[]} [guardrails] only these; the usual five unless said
 * @property {number} [stepMs] how long each step lasts at least; a minute unless said
 * @property {{ fromMs: number, toMs: number }} [outage] when both versions are down, since the start
 * @property {{ everyMs: number, offsetsMs: { baseline: number, canary: number } }} [scrapes] run by run-scraped.mjs over these
 * @property {number} [mostReplications] for what takes long
 *
 * @typedef {object} Traffic what `simulate` of `@model-canary/testing` takes, rollout and seed apart
 *
 * @typedef {object} Reach the most that is asked for; what is left out is not asked for
 * @property {number} [falseRollback] a share of the runs
 * @property {number} [missed] a share: promoted, or not rolled back by the horizon
 * @property {number} [promoted] a share
 * @property {number} [unpromoted] a share: rolled back, or not promoted by the horizon
 * @property {number} [promotedInOutage] a share
 * @property {number} [splitAlerts] a share: runs with an alert of a split that is as planned
 * @property {number} [stalled] a share: neither promoted nor rolled back by the horizon
 * @property {number} [exposed] canary requests, the median
 * @property {number} [lateExposed] canary requests, the 95th percentile
 * @property {number} [rollbackMs] the median
 * @property {number} [lateRollbackMs] the 95th percentile
 * @property {number} [promotionMs] the median
 * @property {number} [latePromotionMs] the 95th percentile
 * @property {number} [oracleRatio] the median exposure in oracles
 */

/** The time after which a rollout counts as stalled, in milliseconds. */
export const HORIZON_MS = 7_200_000

/** The canary's share while baking, in percent. */
export const BAKE_WEIGHT = 90

/** The time for which the baseline serves alone before the start, in milliseconds. */
export const PAST_MS = 1_200_000

/**
 * A canary that must not be rolled back.
 *
 * @param {string} name
 * @param {string} title
 * @param {Scenario['traffic']} traffic
 * @param {Partial<Scenario>} [more]
 * @returns {Scenario}
 */
export function good(name, title, traffic, more = {}) {
  return {
    group: 'table',
    ...more,
    name,
    title,
    truth: 'good',
    traffic,
    reach: { falseRollback: 0.003, ...more.reach },
  }
}

/**
 * A canary that must be rolled back.
 *
 * @param {string} name
 * @param {string} title
 * @param {Scenario['traffic']} traffic
 * @param {Partial<Scenario>} [more]
 * @returns {Scenario}
 */
export function bad(name, title, traffic, more = {}) {
  return { group: 'table', ...more, name, title, truth: 'bad', traffic, reach: { missed: 0, ...more.reach } }
}

/**
 * Users of whom a few have errors with either version.
 *
 * @param {{ users?: number, exponent?: number, share: number, errorRate: number, others?: number }} options
 * @param {() => number} random
 */
export function badUsers({ users, exponent, share, errorRate, others = 0.01 }, random) {
  const isBad = byUser(random, (draw) => draw() < share)
  return {
    keyOf: userKeys({ ...(users && { users }), ...(exponent && { exponent }) }),
    errorRate({ key }) {
      return isBad(key) ? errorRate : others
    },
  }
}

/**
 * A sticky split of many users, all alike, that sends `factor` times the planned share to the canary.
 *
 * With requests that are split one by one, this would be a fault and would stop the rollout.
 *
 * @param {number} factor
 */
export function uneven(factor) {
  return {
    keyOf: userKeys({ exponent: 0 }),
    async strategy(random) {
      const sticky = await stickyStrategy({ salt: String(random()) })
      return { ...sticky, pick: (request, weight) => sticky.pick(request, weight * factor) }
    },
  }
}

/**
 * Returns a function that gives each user a figure, drawn at its first request and the same for both versions.
 *
 * @template Figure
 * @param {() => number} random
 * @param {(random: () => number) => Figure} draw
 * @returns {(key: string) => Figure}
 */
export function byUser(random, draw) {
  const drawn = new Map()
  return (key) => {
    if (!drawn.has(key)) drawn.set(key, draw(random))
    return drawn.get(key)
  }
}

/**
 * Gives each user a factor of latency: lognormal, with this deviation and a mean of 1.
 *
 * @param {() => number} random
 * @param {number} sigma
 */
export const slowUsers = (random, sigma) => byUser(random, (draw) => Math.exp(sigma * gaussian(draw) - sigma ** 2 / 2))
