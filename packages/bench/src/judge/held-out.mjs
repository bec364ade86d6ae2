// Situations that were never used for tuning: other rates, latencies and classes, with seeds of their own.
import { stickyStrategy } from '@model-canary/core'
import { labels, lognormal, mixture } from './draws.mjs'
import { latencyOracle, rateOracle } from './oracle.mjs'
import { bad, badUsers, good } from './scenario.mjs'
import { beyond, p99Of, toleratedTail } from './tails.mjs'
import { inRuns, versionOf } from './version.mjs'

/** 20 requests a second of a quick service with a wide spread, three classes and 2 % errors. */
const OTHER = Object.freeze({
  errorRate: 0.02,
  latency: lognormal(40, 1),
  predict: labels({ cat: 0.5, dog: 0.3, other: 0.2 }),
})

const versus =
  (baseline, canary, more = {}) =>
  () => ({
    requestsPerSecond: 20,
    baseline: versionOf({ ...OTHER, ...baseline }),
    canary: versionOf({ ...OTHER, ...canary }),
    ...more,
  })

const same = (figures, more) => versus(figures, figures, more)

const slowTail = mixture(lognormal(102.6), lognormal(960 * Math.exp(0.15 ** 2 / 2), 0.15), 0.02)
const tailMs = 1.5 * p99Of(120)
const tailShare = 0.98 * beyond(102.6, 0.7, tailMs) + 0.02 * beyond(960 * Math.exp(0.15 ** 2 / 2), 0.15, tailMs)

const day = (elapsedMs) => (1 + Math.cos((2 * Math.PI * elapsedMs) / 7_200_000)) / 2
const isOutage = ({ elapsedMs }) => elapsedMs >= 130_000 && elapsedMs < 150_000

const aside = (scenario) => ({ ...scenario, group: 'held-out' })

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const HELD_OUT = [
  good('held-identical', 'identical, 2 % errors, 20/s, mean 40 ms, 3 classes', same({}), {
    reach: { unpromoted: 0.01 },
  }),
  good('held-inside', '+0.9 points on 2 %', versus({}, { errorRate: 0.029 }), { reach: { falseRollback: 0.015 } }),
  good('held-slower', '+22 ms on 40 ms, σ 1, tails not in use', versus({}, { latency: lognormal(62, 1) }), {
    guardrails: ['errorRate', 'latency', 'predictions'],
  }),
  good(
    'held-shares',
    'shares 50/30/20 → 46/33/21',
    versus({}, { predict: labels({ cat: 0.46, dog: 0.33, other: 0.21 }) }),
  ),
  good(
    'held-bursts-3',
    'errors in bursts of 3, 2 %',
    () => ({
      requestsPerSecond: 20,
      baseline: versionOf({ ...OTHER, errorRate: inRuns(0.02, 3) }),
      canary: versionOf({ ...OTHER, errorRate: inRuns(0.02, 3) }),
    }),
    { reach: { falseRollback: 0.01 } },
  ),
  good(
    'held-drift',
    'both recover slowly: 6 → 1 % errors over an hour',
    same(
      {
        errorRate: ({ elapsedMs }) => 0.01 + 0.05 * day(elapsedMs),
        latency: (random, { elapsedMs }) => OTHER.latency(random) * (1 + day(elapsedMs)),
      },
      { requestsPerSecond: (ms) => 10 + 20 * day(ms) },
    ),
  ),
  good(
    'held-outage',
    'shared outage: 20 s of nothing but errors',
    same({ errorRate: (call) => (isOutage(call) ? 1 : 0.02) }),
  ),
  good(
    'held-cold',
    'cold start: 45 s at 4× latency',
    versus({}, { latency: (random, { elapsedMs }) => OTHER.latency(random) * (elapsedMs < 45_000 ? 4 : 1) }),
  ),
  good(
    'held-users',
    'sticky, 2,000 users, 5 % of them with 20 % errors',
    (random) => {
      const { keyOf, errorRate } = badUsers({ users: 2_000, exponent: 0.8, share: 0.05, errorRate: 0.2 }, random)
      const version = versionOf({ ...OTHER, errorRate })
      const strategy = (chance) => stickyStrategy({ salt: String(chance()) })
      return { requestsPerSecond: 20, baseline: version, canary: version, keyOf, strategy }
    },
    { reach: { falseRollback: 0.01 } },
  ),
  bad('held-plus-2.6', '+2.6 points on 2 %', versus({}, { errorRate: 0.046 }), {
    oracle: rateOracle(0.02, 0.03, 0.046),
    reach: { oracleRatio: 2.1 },
  }),
  bad(
    'held-plus-6',
    '+6 points on 5 %, 5/s',
    versus({ errorRate: 0.05 }, { errorRate: 0.11 }, { requestsPerSecond: 5 }),
    {
      oracle: rateOracle(0.05, 0.06, 0.11),
      reach: { oracleRatio: 2.1 },
    },
  ),
  bad(
    'held-spike-8',
    '+8-point spike while baking',
    versus({}, { errorRate: ({ weight }) => (weight < 90 ? 0.02 : 0.1) }),
    {
      onset: { fromWeight: 90 },
      oracle: rateOracle(0.02, 0.03, 0.1),
      reach: { oracleRatio: 5 },
    },
  ),
  bad('held-p99-x2', 'p99 ×2, same mean of 120 ms, σ 0.7', versus({ latency: lognormal(120) }, { latency: slowTail }), {
    oracle: rateOracle(beyond(120, 0.7, tailMs), toleratedTail(120), tailShare),
    reach: { oracleRatio: 3 },
  }),
  bad('held-plus-70ms', '+70 ms on 120 ms', versus({ latency: lognormal(120) }, { latency: lognormal(190) }), {
    oracle: latencyOracle({ baselineMs: 120, toleratedMs: 145, actualMs: 190 }),
  }),
  bad(
    'held-predictions-2',
    'predictions 55/45 → 70/30',
    versus({ predict: labels({ yes: 0.55, no: 0.45 }) }, { predict: labels({ yes: 0.7, no: 0.3 }) }),
    { oracle: rateOracle(0.55, 0.6, 0.7), reach: { oracleRatio: 2.5 } },
  ),
  bad(
    'held-predictions-3',
    'predictions 50/30/20 → 35/30/35',
    versus({}, { predict: labels({ cat: 0.35, dog: 0.3, other: 0.35 }) }),
    { oracle: rateOracle(0.2, 0.25, 0.35), reach: { oracleRatio: 2.5 } },
  ),
  bad(
    'held-fifth-hung',
    'one canary call in five hangs',
    versus({}, { latency: (random) => (random() < 0.2 ? Number.POSITIVE_INFINITY : OTHER.latency(random)) }),
    { oracle: rateOracle(beyond(40, 1, 1.5 * p99Of(40, 1)), toleratedTail(40, 1), 0.2) },
  ),
  bad(
    'held-late-3',
    'good to 50 %, +3 points while baking',
    versus({}, { errorRate: ({ weight }) => (weight < 90 ? 0.02 : 0.05) }),
    { onset: { fromWeight: 90 }, oracle: rateOracle(0.02, 0.03, 0.05), reach: { missed: undefined, promoted: 0.05 } },
  ),
].map(aside)
