// Users who differ, and one heavy user: whether the two groups of a sticky split can still be compared.
import { stickyStrategy } from '@model-canary/core'
import { userKeys } from '@model-canary/testing'
import { gaussian, labels } from './draws.mjs'
import { rateOracle } from './oracle.mjs'
import { bad, byUser, good, slowUsers } from './scenario.mjs'
import { USUAL, versionOf } from './version.mjs'

const HOUR_MS = 3_600_000

/** 2,000 users, of whom a few make most of the requests. */
const zipf = userKeys({ users: 2_000 })

const sticky = (random) => stickyStrategy({ salt: String(random()) })

/** Both versions with the same figures at 50 requests a second, before sticky users. */
const alike = (figures, more = {}) => ({
  requestsPerSecond: 50,
  keyOf: zipf,
  strategy: sticky,
  baseline: versionOf(figures),
  canary: versionOf(figures),
  ...more,
})

/** 5 % of the users have 20 % errors with both versions. With the canary all users have `rise` more. */
const badInputs =
  (rise = 0) =>
  (random) => {
    const rateOf = byUser(random, (draw) => (draw() < 0.05 ? 0.2 : 0.01))
    return alike(
      { errorRate: ({ key }) => rateOf(key) },
      { canary: versionOf({ errorRate: ({ key }) => Math.min(1, rateOf(key) + rise) }) },
    )
  }

const latencyBy = (sigma, more) => (random) => {
  const factorOf = slowUsers(random, sigma)
  return alike({ latency: (draw, { key }) => USUAL.latency(draw) * factorOf(key) }, more)
}

/** The share of the first of two classes differs from user to user. */
const classesBy = (deviation) => (random) => {
  const shareOf = byUser(random, (draw) => Math.min(0.99, Math.max(0.01, 0.6 + deviation * gaussian(draw))))
  return alike({ predict: (draw, { key }) => (draw() < shareOf(key) ? 'positive' : 'negative') })
}

/** Thirty classes, whose shares differ from user to user. */
const THIRTY = Array.from({ length: 30 }, (_, at) => `label-${at}`)
const thirtyClasses = (random) => {
  const drawOf = byUser(random, (draw) =>
    labels(sharesOf(THIRTY.map((name, at) => [name, 0.93 ** at * Math.exp(0.5 * gaussian(draw))]))),
  )
  return alike({ predict: (draw, { key }) => drawOf(key)(draw) })
}

/** A score around the mean of its user, which is 0.5 with the deviation `ofUsers`. With the canary it spreads more. */
const scoresBy =
  (ofUsers, { baseline = 0.1, canary = baseline } = {}) =>
  (random) => {
    const meanOf = byUser(random, (draw) => 0.5 + ofUsers * gaussian(draw))
    const scored = (deviation) => {
      const call = versionOf()
      return (context) => ({ ...call(context), score: meanOf(context.key) + deviation * gaussian(context.random) })
    }
    return alike({}, { baseline: scored(baseline), canary: scored(canary) })
  }

const SCORES = { group: 'differing-users', guardrails: ['errorRate', 'scores'] }

function sharesOf(weights) {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  return Object.fromEntries(weights.map(([name, weight]) => [name, weight / total]))
}

/** A third of the users change their latency at the start, so that their history is wrong. */
const changing = (random) => {
  const before = slowUsers(random, 0.15)
  const after = slowUsers(random, 0.15)
  const changes = byUser(random, (draw) => draw() < 1 / 3)
  const factorOf = (key, elapsedMs) => (elapsedMs >= 0 && changes(key) ? after(key) : before(key))
  return alike({ latency: (draw, { key, elapsedMs }) => USUAL.latency(draw) * factorOf(key, elapsedMs) })
}

/** All users are replaced by others within six hours, gradually. */
const turnover = (random) => {
  const factorOf = slowUsers(random, 0.15)
  return {
    ...alike({ latency: (draw, { key }) => USUAL.latency(draw) * factorOf(key) }),
    requestsPerSecond: 5,
    horizonMs: 48 * HOUR_MS,
    keyOf: (draw, elapsedMs) => `${Math.floor(elapsedMs / (6 * HOUR_MS) + draw())}-${zipf(draw)}`,
  }
}

/** One tenant makes 60 % of the requests, and has more errors than the others. */
const tenant = (random) => {
  const rateOf = byUser(random, () => 0.01)
  return alike(
    { errorRate: ({ key }) => (key === 'tenant' ? 0.03 : rateOf(key)) },
    { keyOf: (draw) => (draw() < 0.6 ? 'tenant' : zipf(draw)) },
  )
}

/** Whether a bucket is in the canary from 10 % on, or in the baseline until 100 %. */
const isIn = { canary: (bucket) => bucket < 1_000, baseline: (bucket) => bucket >= 9_900 }

/**
 * One user with a share of all requests from `fromMs` on, in the canary or in the baseline, and another share before.
 */
function heavyUser({ side, share, shareBefore = 0, fromMs = -Infinity, errorRate, canaryErrorRate = errorRate }) {
  return () => {
    let name
    const rate = (ofUser) => ({
      errorRate: ({ key, elapsedMs }) => (key === name && elapsedMs >= fromMs ? ofUser : USUAL.errorRate),
    })
    return {
      ...alike({}),
      baseline: versionOf(rate(errorRate)),
      canary: versionOf(rate(canaryErrorRate)),
      keyOf: (draw, elapsedMs) => (draw() < (elapsedMs >= fromMs ? share : shareBefore) ? name : zipf(draw)),
      async strategy(random) {
        const strategy = await sticky(random)
        for (let at = 0; name === undefined; at++)
          if (isIn[side](strategy.bucketOf({ key: `heavy-${at}` }))) name = `heavy-${at}`
        return strategy
      },
    }
  }
}

/** Keys are sessions of twenty calls, of which a hundred are open at any time: nobody has a past. */
const sessions = (rise) => () => {
  const open = Array.from({ length: 100 }, (_, at) => ({ key: `session-${at}`, left: at % 20 }))
  let opened = open.length
  return {
    ...alike({}, { canary: versionOf({ errorRate: USUAL.errorRate + rise }) }),
    keyOf(draw) {
      const at = Math.floor(draw() * open.length)
      if (open[at].left === 0) open[at] = { key: `session-${opened++}`, left: 20 }
      open[at].left -= 1
      return open[at].key
    },
  }
}

/** A good canary before users who differ: it has to be promoted. */
const forUsers = (name, title, traffic, { reach, ...more } = {}) =>
  good(name, title, traffic, {
    group: 'differing-users',
    mostReplications: 1_000,
    ...more,
    reach: { unpromoted: 0.01, promotionMs: 450_000, latePromotionMs: 900_000, ...reach },
  })

const ofHeavyUser = (name, title, user, more = {}) =>
  good(name, title, heavyUser(user), { group: 'heavy-users', reach: { falseRollback: 0.01 }, ...more })

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const DIFFERING_USERS = [
  forUsers('users-errors', 'sticky, 5 % of 2,000 users with 20 % errors', badInputs()),
  bad('users-errors-plus-5', 'sticky, 5 % of 2,000 users with 20 % errors, +5 points', badInputs(0.05), {
    group: 'differing-users',
    oracle: rateOracle(0.0195, 0.0295, 0.0695),
    reach: { exposed: 700 },
  }),
  bad('users-errors-crash', 'the same users, every canary call fails', badInputs(1), {
    group: 'differing-users',
    reach: { exposed: 20, lateExposed: 60 },
  }),
  bad('users-errors-plus-20', 'the same users, +20 points', badInputs(0.2), {
    group: 'differing-users',
    reach: { exposed: 200 },
  }),
  forUsers('users-latency', 'sticky users whose latency differs by 30 %', latencyBy(0.3)),
  bad(
    'users-latency-plus-80ms',
    'sticky users whose latency differs by 30 %, +80 ms',
    (random) => {
      const factorOf = slowUsers(random, 0.3)
      const slower = (by) => versionOf({ latency: (draw, { key }) => USUAL.latency(draw) * by * factorOf(key) })
      return { ...alike({}), baseline: slower(1), canary: slower(200 / 120) }
    },
    { group: 'differing-users', reach: { exposed: 700 } },
  ),
  forUsers('users-classes', 'sticky users whose shares of two classes differ by 15 points', classesBy(0.15)),
  forUsers('users-thirty-classes', 'sticky users, thirty classes in other shares for each', thirtyClasses, {
    reach: { promotionMs: 900_000, latePromotionMs: 1_800_000 },
  }),
  forUsers('users-scores', 'sticky users whose mean scores differ by half a deviation', scoresBy(0.05), SCORES),
  bad('users-scores-spread', 'the same users, deviation .10 → .25', scoresBy(0.05, { canary: 0.25 }), {
    ...SCORES,
    reach: { exposed: 250 },
  }),
  bad('sticky-scores-spread', 'sticky users who are alike, deviation .10 → .25', scoresBy(0, { canary: 0.25 }), {
    ...SCORES,
    reach: { exposed: 150 },
  }),
  good('users-change', 'sticky users, a third of whom change at the start', changing, {
    group: 'differing-users',
    reach: { falseRollback: 0.05 },
  }),
  good('users-turn-over', 'sticky users who are others after six hours, a rollout of a day', turnover, {
    group: 'differing-users',
    mostReplications: 300,
    stepMs: 5 * HOUR_MS,
  }),
  good('users-tenant', 'sticky, one tenant of 60 % with 3 % errors', tenant, { group: 'differing-users' }),
  ofHeavyUser('bot-in-canary', 'a bot of 10 % with 30 % errors from 150 s on, in the canary', {
    side: 'canary',
    share: 0.1,
    fromMs: 150_000,
    errorRate: 0.3,
  }),
  ofHeavyUser('bot-in-baseline', 'a bot of 10 % with 30 % errors from 150 s on, in the baseline', {
    side: 'baseline',
    share: 0.1,
    fromMs: 150_000,
    errorRate: 0.3,
  }),
  ofHeavyUser('malformed', 'a client of 1 % whose every call fails, always, in the canary', {
    side: 'canary',
    share: 0.01,
    errorRate: 1,
  }),
  ofHeavyUser('malformed-late', 'a client of 1 % whose every call fails, from 150 s on, in the canary', {
    side: 'canary',
    share: 0.01,
    fromMs: 150_000,
    errorRate: 1,
  }),
  ofHeavyUser('known-bot', 'a user of 1 % who makes 10 % with 30 % errors from 150 s on, in the canary', {
    side: 'canary',
    share: 0.1,
    shareBefore: 0.01,
    fromMs: 150_000,
    errorRate: 0.3,
  }),
  good('sessions', 'sticky, every key is a session of twenty calls', sessions(0), { group: 'heavy-users' }),
  bad('sessions-plus-5', 'the same sessions, +5 points', sessions(0.05), {
    group: 'heavy-users',
    oracle: rateOracle(0.01, 0.02, 0.06),
    reach: { exposed: 700 },
  }),
  bad(
    'tenant-retries',
    'a tenant of 1 % whose every call the canary fails, and who repeats each three times',
    heavyUser({ side: 'canary', share: 0.04, shareBefore: 0.01, fromMs: 0, errorRate: 0.01, canaryErrorRate: 1 }),
    { group: 'heavy-users', reach: { exposed: 700 } },
  ),
  bad(
    'tenant-fails',
    'a tenant of 1 %, there before too, whose every call the canary fails',
    heavyUser({ side: 'canary', share: 0.01, errorRate: 0.01, canaryErrorRate: 1 }),
    { group: 'heavy-users', reach: { exposed: 700 } },
  ),
]
