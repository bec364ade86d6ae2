// Outages of something that both versions share: they must neither roll back nor promote.
import { lognormal, mixture } from './draws.mjs'
import { bad, good } from './scenario.mjs'
import { USUAL, versionOf } from './version.mjs'

/** Five minutes in mid-rollout, and one that began before the start and ends after ten minutes. */
const MIDWAY = { fromMs: 100_000, toMs: 400_000 }
const FROM_BEFORE = { fromMs: -300_000, toMs: 600_000 }

/** Returns whether the time since the start lies in an outage. */
export const isDown = ({ fromMs, toMs }, elapsedMs) => elapsedMs >= fromMs && elapsedMs < toMs

/** Returns a version that fails in `share` of its calls during the outage, and at its own rate otherwise. */
const failing = (outage, share, { errorRate = () => USUAL.errorRate, ...figures } = {}) =>
  versionOf({ ...figures, errorRate: (call) => (isDown(outage, call.elapsedMs) ? share : errorRate(call)) })

/** Returns the traffic of an outage of both versions; `canary` has the canary's own figures. */
export const inBoth =
  (outage, share, canary = {}) =>
  () => ({
    requestsPerSecond: 50,
    baseline: failing(outage, share),
    canary: failing(outage, share, canary),
  })

const afterwards =
  ({ toMs }, ill, well) =>
  (random, call) =>
    (call.elapsedMs < toMs ? well : ill)(random)

const plusTen = { errorRate: ({ elapsedMs }) => (elapsedMs < MIDWAY.toMs ? 0.01 : 0.11) }
const longTail = mixture(USUAL.latency, lognormal(1_500, 0.15), 0.03)

/** Any canary: nothing is promoted during the outage. */
const during = (outage, reach = {}) => ({ group: 'outages', outage, reach: { promotedInOutage: 0, ...reach } })

/** Harm that remains after the outage. */
const after = (outage) => ({ ...during(outage), onset: { afterMs: outage.toMs } })

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const OUTAGES = [
  good('outage-100', 'shared outage: 5 min of nothing but errors', inBoth(MIDWAY, 1), during(MIDWAY)),
  good('outage-60', 'shared outage: 5 min of 60 % errors', inBoth(MIDWAY, 0.6), during(MIDWAY)),
  good(
    'outage-before',
    'shared outage from before the start, over after 10 min',
    inBoth(FROM_BEFORE, 1),
    during(FROM_BEFORE),
  ),
  bad('outage-plus-10', 'shared outage of 5 min, then +10 points', inBoth(MIDWAY, 1, plusTen), after(MIDWAY)),
  bad(
    'outage-60-plus-10',
    '60 % errors in both for 5 min, then +10 points',
    inBoth(MIDWAY, 0.6, plusTen),
    after(MIDWAY),
  ),
  bad(
    'outage-tail',
    'shared outage of 5 min, then 3 % slow answers',
    inBoth(MIDWAY, 1, { latency: afterwards(MIDWAY, longTail, USUAL.latency) }),
    after(MIDWAY),
  ),
  bad(
    'outage-before-plus-80ms',
    'shared outage from before the start, then +80 ms',
    inBoth(FROM_BEFORE, 1, { latency: afterwards(FROM_BEFORE, lognormal(200), USUAL.latency) }),
    after(FROM_BEFORE),
  ),
]
