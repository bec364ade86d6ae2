// Incidents of both versions, before the start and in mid-rollout, and bursts of one version.
import { rateOracle } from './oracle.mjs'
import { inBoth, isDown } from './outages.mjs'
import { bad, good } from './scenario.mjs'
import { USUAL, versionOf } from './version.mjs'

/** Twenty seconds in which every call fails: in mid-rollout, or seven minutes before the start. */
const MIDWAY = { fromMs: 150_000, toMs: 170_000 }
const BEFORE = { fromMs: -420_000, toMs: -400_000 }

/** When harm after an incident in mid-rollout begins, in milliseconds since the start. */
const ONSET_MS = 300_000

const fromOnset = (errorRate) => ({
  errorRate: ({ elapsedMs }) => (elapsedMs < ONSET_MS ? USUAL.errorRate : errorRate),
})

/** Two versions with the same figures. The rate of requests may change. */
const shared =
  (figures, requestsPerSecond = 50) =>
  () => ({ requestsPerSecond, baseline: versionOf(figures), canary: versionOf(figures) })

/** Clients retry: three times the requests for a minute, and a third of them fail. */
const isStorm = (elapsedMs) => elapsedMs >= MIDWAY.toMs && elapsedMs < MIDWAY.toMs + 60_000
const stormErrors = ({ elapsedMs }) => (isDown(MIDWAY, elapsedMs) ? 1 : isStorm(elapsedMs) ? 0.33 : 0.01)

/** Replicas are added and removed: 30 s of slow answers and more errors in every 90 s. */
const isScaling = ({ elapsedMs }) => elapsedMs >= 0 && elapsedMs % 90_000 < 30_000
const scaling = {
  errorRate: (call) => (isScaling(call) ? 0.03 : 0.01),
  latency: (random, call) => USUAL.latency(random) * (isScaling(call) ? 1.8 : 1),
}

/** Both versions hang: calls that begin in these 30 s last until their end. */
const HANG = { fromMs: 150_000, toMs: 180_000 }
const hanging = {
  latency: (random, { elapsedMs }) => (isDown(HANG, elapsedMs) ? HANG.toMs - elapsedMs : 0) + USUAL.latency(random),
}

/** Ten seconds of 30 % errors, four minutes apart on average, in each version independently, also before the start. */
const restarts = (random) => {
  const version = () => {
    const gapMs = () => -Math.log(1 - random()) * 240_000
    let fromMs
    return versionOf({
      errorRate({ elapsedMs }) {
        fromMs ??= elapsedMs + gapMs()
        while (elapsedMs >= fromMs + 10_000) fromMs += 10_000 + gapMs()
        return elapsedMs >= fromMs ? 0.3 : 0.01
      },
    })
  }
  return { requestsPerSecond: 50, baseline: version(), canary: version() }
}

const inGroup = (reach, more = {}) => ({ group: 'incidents', ...more, reach })
const promotedIn = (promotionMs) => inGroup({ unpromoted: 0.01, promotionMs })
const afterwards = (reach) => inGroup(reach, { onset: { afterMs: ONSET_MS } })

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const INCIDENTS = [
  good('incident', 'both fail for 20 s at 150 s', inBoth(MIDWAY, 1), promotedIn(700_000)),
  bad('incident-plus-5', 'both fail for 20 s, then +5 points', inBoth(MIDWAY, 1, fromOnset(0.06)), {
    ...afterwards({ lateRollbackMs: 150_000, lateExposed: 1_200 }),
    oracle: rateOracle(0.01, 0.02, 0.06),
  }),
  bad(
    'incident-crash',
    'both fail for 20 s, then every canary call fails',
    inBoth(MIDWAY, 1, fromOnset(1)),
    afterwards({ lateRollbackMs: 10_000 }),
  ),
  good(
    'incident-before',
    'both failed for 20 s seven minutes before the start',
    inBoth(BEFORE, 1),
    promotedIn(700_000),
  ),
  bad(
    'incident-before-plus-20',
    'both failed for 20 s seven minutes before the start, +20 points',
    inBoth(BEFORE, 1, { errorRate: () => 0.21 }),
    inGroup({ lateRollbackMs: 200_000 }),
  ),
  good(
    'retry-storm',
    'both fail for 20 s, then a minute of three times the requests',
    shared({ errorRate: stormErrors }, (elapsedMs) => (isStorm(elapsedMs) ? 150 : 50)),
    promotedIn(700_000),
  ),
  good('autoscaling', 'both slow for 30 s in every 90 s', shared(scaling), promotedIn(700_000)),
  good('hang-30', 'both hang for 30 s at 150 s', shared(hanging), promotedIn(700_000)),
  good(
    'restarts',
    'each version by itself: 10 s of 30 % errors every four minutes',
    restarts,
    inGroup({ falseRollback: 0.03, stalled: 0.2 }),
  ),
]
