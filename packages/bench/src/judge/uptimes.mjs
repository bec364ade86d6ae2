// The same rollout in processes that have been up for different times: it has to take the same time in all.
import { stickyStrategy } from '@model-canary/core'
import { userKeys } from '@model-canary/testing'
import { good, slowUsers } from './scenario.mjs'
import { USUAL, versionOf } from './version.mjs'

const MINUTE_MS = 60_000

/** Sticky users whose latency differs by 15 %, and two versions that are the same. */
const after = (uptimeMs) => (random) => {
  const factorOf = slowUsers(random, 0.15)
  const version = versionOf({ latency: (draw, { key }) => USUAL.latency(draw) * factorOf(key) })
  return {
    requestsPerSecond: 50,
    beforeMs: uptimeMs,
    baseline: version,
    canary: version,
    keyOf: userKeys({ users: 2_000 }),
    strategy: (chance) => stickyStrategy({ salt: String(chance()) }),
  }
}

const upFor = (uptime, uptimeMs, mostReplications) =>
  good(`up-${uptime}`, `sticky users who differ by 15 %, up for ${uptime}`, after(uptimeMs), {
    group: 'uptimes',
    mostReplications,
    reach: { unpromoted: 0.01, promotionMs: 450_000, latePromotionMs: 900_000 },
  })

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const UPTIMES = [
  upFor('15min', 15 * MINUTE_MS, 1_000),
  upFor('1h', 60 * MINUTE_MS, 1_000),
  upFor('4h', 240 * MINUTE_MS, 300),
  upFor('24h', 1_440 * MINUTE_MS, 300),
]
