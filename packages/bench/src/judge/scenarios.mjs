// The situations of docs/statistics.md, and what to reach in them. The judge was tuned on these; see also held-out.mjs.
import { stickyStrategy } from '@model-canary/core'
import { userKeys } from '@model-canary/testing'
import { labels, lognormal, mixture } from './draws.mjs'
import { certainOracle, latencyOracle, rateOracle } from './oracle.mjs'
import { bad, badUsers, good, uneven } from './scenario.mjs'
import { beyond, p99Of, toleratedTail } from './tails.mjs'
import { inRuns, USUAL, versionOf } from './version.mjs'

/** Two equal versions, at 50 requests a second. */
const same = (figures) => versus(figures, figures)

/** A canary and a baseline at 50 requests a second; other properties have their usual values. */
const versus =
  (baseline, canary, requestsPerSecond = 50) =>
  () => ({
    requestsPerSecond,
    baseline: versionOf(baseline),
    canary: versionOf(canary),
  })

/** The oracle for a rise of the error rate above 1 %, of which one point is tolerable. */
const errorOracle = (errorRate) => rateOracle(0.01, 0.02, errorRate)

/** Only a few requests are slow, so that the mean stays the same. */
const longTail = mixture(lognormal(95.2), lognormal(1_320 * Math.exp(0.15 ** 2 / 2), 0.15), 0.02)
const tailMs = 1.5 * p99Of(120)
const usualTail = beyond(120, 0.7, tailMs)
const tailShare = 0.98 * beyond(95.2, 0.7, tailMs) + 0.02 * beyond(1_320 * Math.exp(0.15 ** 2 / 2), 0.15, tailMs)

const swing = (elapsedMs) => (1 + Math.sin((2 * Math.PI * elapsedMs) / 3_600_000)) / 2
const incident = ({ elapsedMs }) => (elapsedMs >= 100_000 && elapsedMs < 700_000 ? 0.15 : 0.01)
const falling = (elapsedMs) => 0.01 + 0.07 * Math.min(1, Math.max(0, 1 - elapsedMs / 300_000))

/** Ten slow calls in a row now and then, half a percent of all. */
const hiccups = () => {
  const isSlow = inRuns(0.005, 10)
  const slow = lognormal(1_000, 0.15)
  return { latency: (random, context) => (isSlow(context) ? slow(random) : USUAL.latency(random)) }
}

const runsOfFive = () => ({ errorRate: inRuns(0.01, 5) })

/** Each version has a state of its own. */
const stateful = (make, more) => () => ({
  requestsPerSecond: 50,
  baseline: versionOf(make()),
  canary: versionOf({ ...make(), ...more }),
})

const sticky = (random) => stickyStrategy({ salt: String(random()) })

const TABLE = [
  good('identical-1', 'identical, 1 % errors', same({}), {
    reach: { unpromoted: 0.01, promotionMs: 345_000, latePromotionMs: 480_000 },
  }),
  good('identical-5', 'identical, 5 % errors', same({ errorRate: 0.05 })),
  good('plus-1', '+1 point (inside the margin)', versus({}, { errorRate: 0.02 }), { reach: { falseRollback: 0.015 } }),
  good('plus-1-alone', '+1 point, errors alone in use', versus({}, { errorRate: 0.02 }), {
    guardrails: ['errorRate'],
    reach: { falseRollback: 0.025 },
  }),
  good('plus-20ms', '+20 ms', versus({}, { latency: lognormal(140) })),
  good(
    'cold-start',
    'cold start: 60 s at 5× latency',
    versus({}, { latency: (random, { elapsedMs }) => USUAL.latency(random) * (elapsedMs < 60_000 ? 5 : 1) }),
  ),
  good('drift', 'both drift through the day', () => {
    const drifting = versionOf({
      errorRate: ({ elapsedMs }) => 0.01 + 0.02 * swing(elapsedMs),
      latency: (random, { elapsedMs }) => USUAL.latency(random) * (1 + 0.6 * swing(elapsedMs)),
    })
    return { requestsPerSecond: (ms) => 30 + 40 * swing(ms), baseline: drifting, canary: drifting }
  }),
  good('shared-incident', 'shared incident 1 → 15 % during the ramp', same({ errorRate: incident })),
  good(
    'outliers',
    '0.1 % outliers of 30 s',
    same({ latency: (random) => (random() < 0.001 ? 30_000 : USUAL.latency(random)) }),
  ),
  good('bursts-5', 'errors in bursts of 5', stateful(runsOfFive), { reach: { falseRollback: 0.01 } }),
  good('hiccups', 'hiccups: 10 slow requests in a row', stateful(hiccups), { reach: { falseRollback: 0.03 } }),
  good(
    'zipf-bad-users',
    'sticky Zipf users, 3 % of them with 30 % bad inputs',
    (random) => {
      const { keyOf, errorRate } = badUsers({ share: 0.03, errorRate: 0.3 }, random)
      const version = versionOf({ errorRate })
      return { requestsPerSecond: 50, baseline: version, canary: version, keyOf, strategy: sticky }
    },
    { reach: { falseRollback: 0.01 } },
  ),
  good('share-0.7', 'real share 0.7× of the planned', () => ({ ...same({})(), ...uneven(0.7) })),
  good('share-1.3', 'real share 1.3× of the planned', () => ({ ...same({})(), ...uneven(1.3) })),
  bad('plus-3', '+3 points (1 → 4 %)', versus({}, { errorRate: 0.04 }), {
    oracle: errorOracle(0.04),
    reach: { exposed: 650, oracleRatio: 2.1 },
  }),
  bad('plus-5', '+5 points', versus({}, { errorRate: 0.06 }), {
    oracle: errorOracle(0.06),
    reach: { exposed: 210, oracleRatio: 2.1 },
  }),
  bad(
    'spike-20',
    '+20-point spike at 150 s',
    versus({}, { errorRate: ({ elapsedMs }) => (elapsedMs < 150_000 ? 0.01 : 0.21) }),
    {
      onset: { afterMs: 150_000 },
      oracle: errorOracle(0.21),
      reach: { exposed: 60, rollbackMs: 10_000, oracleRatio: 5 },
    },
  ),
  bad('plus-80ms', '+80 ms', versus({}, { latency: lognormal(200) }), {
    oracle: latencyOracle({ baselineMs: 120, toleratedMs: 145, actualMs: 200 }),
    reach: { exposed: 390 },
  }),
  bad('p99-x3', 'p99 ×3, same mean', versus({}, { latency: longTail }), {
    oracle: rateOracle(usualTail, toleratedTail(120), tailShare),
    reach: { exposed: 750, oracleRatio: 3 },
  }),
  bad('predictions', 'predictions 60/40 → 80/20', versus({}, { predict: labels({ positive: 0.8, negative: 0.2 }) }), {
    oracle: rateOracle(0.6, 0.65, 0.8),
    reach: { exposed: 165, oracleRatio: 2.5 },
  }),
  bad(
    'masked',
    '+3 points masked by falling errors',
    versus(
      { errorRate: ({ elapsedMs }) => falling(elapsedMs) },
      { errorRate: ({ elapsedMs }) => falling(elapsedMs) + 0.03 },
    ),
    {
      oracle: rateOracle(
        falling,
        (ms) => falling(ms) + 0.01,
        (ms) => falling(ms) + 0.03,
      ),
    },
  ),
  good('no-past-identical', 'no baseline history: identical', () => ({ ...same({})(), beforeMs: 0 }), {
    reach: { falseRollback: 0.005 },
  }),
  good('no-past-bursts', 'no baseline history: bursts of 5', () => ({ ...stateful(runsOfFive)(), beforeMs: 0 }), {
    reach: { falseRollback: 0.03 },
  }),
  bad(
    'no-past-plus-5',
    'no baseline history: +5 points',
    () => ({ ...versus({}, { errorRate: 0.06 })(), beforeMs: 0 }),
    { oracle: errorOracle(0.06), reach: { exposed: 800 } },
  ),
  bad(
    'late-2.2',
    'good to 50 %, +2.2 points while baking',
    versus({}, { errorRate: ({ weight }) => (weight < 90 ? 0.01 : 0.032) }),
    { onset: { fromWeight: 90 }, oracle: errorOracle(0.032), reach: { missed: undefined, promoted: 0.05 } },
  ),
  bad(
    'crash-baking',
    'every canary call fails while baking',
    versus({}, { errorRate: ({ weight }) => (weight < 90 ? 0.01 : 1) }),
    { onset: { fromWeight: 90 }, reach: { exposed: 150, rollbackMs: 5_000 } },
  ),
  bad('hung', 'hung canary', () => ({ ...same({})(), canary: () => ({ durationMs: Number.POSITIVE_INFINITY }) }), {
    oracle: certainOracle,
    reach: { exposed: 10 },
  }),
  bad(
    'from-50',
    '+5 points only at weight ≥ 50 %',
    versus({}, { errorRate: ({ weight }) => (weight < 50 ? 0.01 : 0.06) }),
    { onset: { fromWeight: 50 }, oracle: errorOracle(0.06) },
  ),
]

/**
 * The same situations at another traffic: a slow service needs a longer horizon, and a fast one takes long to simulate.
 */
const atRate = (requestsPerSecond, { promotionMs, ...more }) => {
  const shared = { group: 'traffic', mostReplications: more.mostReplications }
  const name = (of) => `${of}-at-${requestsPerSecond}`
  const title = (of) => `${of}, ${requestsPerSecond} requests a second`
  const traffic = (canary) => () => ({ ...versus({}, canary, requestsPerSecond)(), ...more.traffic })
  const late = { promotionMs }
  return [
    good(name('identical'), title('identical'), traffic({}), { ...shared, reach: late }),
    good(name('plus-1'), title('+1 point'), traffic({ errorRate: 0.02 }), {
      ...shared,
      reach: { falseRollback: 0.015 },
    }),
    bad(name('plus-5'), title('+5 points'), traffic({ errorRate: 0.06 }), { ...shared, oracle: errorOracle(0.06) }),
    bad(name('plus-80ms'), title('+80 ms'), traffic({ latency: lognormal(200) }), {
      ...shared,
      oracle: latencyOracle({ baselineMs: 120, toleratedMs: 145, actualMs: 200 }),
    }),
    bad(name('p99-x3'), title('p99 ×3'), traffic({ latency: longTail }), {
      ...shared,
      oracle: rateOracle(usualTail, toleratedTail(120), tailShare),
    }),
    bad(name('predictions'), title('60/40 → 80/20'), traffic({ predict: labels({ positive: 0.8, negative: 0.2 }) }), {
      ...shared,
      oracle: rateOracle(0.6, 0.65, 0.8),
    }),
  ]
}

const TRAFFIC = [
  ...atRate(0.5, { promotionMs: 3.9 * 3_600_000, traffic: { horizonMs: 8 * 3_600_000 } }),
  ...atRate(5, { promotionMs: 23.5 * 60_000 }),
  ...atRate(500, { promotionMs: 300_000, traffic: { beforeMs: 660_000 }, mostReplications: 500 }),
]

/** Good canaries before users of all kinds: they have to be promoted. */
const forUsers = (name, title, traffic) => good(name, title, traffic, { group: 'users', reach: { unpromoted: 0.01 } })

const USERS = [
  forUsers('zipf', 'sticky Zipf users', () => ({ ...same({})(), keyOf: userKeys(), strategy: sticky })),
  forUsers('keyless', 'sticky, 30 % of requests without a key', () => ({
    ...same({})(),
    keyOf: userKeys({ missing: 0.3 }),
    strategy: sticky,
  })),
  forUsers('few-users', 'sticky, 200 users', () => ({
    ...same({})(),
    keyOf: userKeys({ users: 200 }),
    strategy: sticky,
  })),
  forUsers('better', 'a canary that is truly better', versus({ errorRate: 0.03 }, { latency: lognormal(100) })),
]

/** Error rates from harmless to far beyond the margin: how the chance of a rollback rises. */
const CURVE = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 6].map((points) => {
  const traffic = versus({}, { errorRate: 0.01 + points / 100 })
  const make = points > 1 ? bad : good
  return {
    ...make(`curve-${points}`, `+${points} points`, traffic, { group: 'curve', mostReplications: 400 }),
    ...(points > 1 && points < 2 ? { truth: 'between' } : {}),
    points,
    reach: {},
  }
})

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const SCENARIOS = [...TABLE, ...TRAFFIC, ...USERS, ...CURVE]
