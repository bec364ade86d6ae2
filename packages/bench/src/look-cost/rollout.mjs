import { createCanary, hold, stickyStrategy } from '@model-canary/core'
import { heldBytes } from '../harness/heap.mjs'
import { keyAt } from '../harness/keys.mjs'
import { observations } from '../harness/observations.mjs'
import { createTimedClock } from './timed-clock.mjs'
import { BEFORE_SECONDS, createTraffic } from './traffic.mjs'

const WEIGHT = 10
const CALLS = observations()

/** The compiler, and what is bounded, settle in so many seconds. */
const SETTLED_SECONDS = 300

const ROUND_SECONDS = 60

/**
 * What a look costs in a rollout at the default weight, in which the two versions are the same.
 *
 * @typedef {object} LookCost
 * @property {number} perSecondUs the least of several minutes
 * @property {number} perRequestUs the same for each request of the canary
 * @property {number} heldBytes memory that the process holds after a request for each request of both versions
 */

/**
 * @param {{ perSecond: number, isByKey: boolean, rounds: number }} options
 * @returns {Promise<LookCost>}
 */
export async function lookCost({ perSecond, isByKey, rounds }) {
  const clock = await createTimedClock()
  const strategy = isByKey ? { strategy: await stickyStrategy({ salt: 'bench' }) } : {}
  const versions = { baseline: 'v1', canary: 'v2' }
  const canary = createCanary({ name: 'bench', versions, plan: hold(WEIGHT), logger: false, clock, ...strategy })
  const traffic = createTraffic({ clock, perSecond, open: opener(canary, isByKey) })
  await traffic.run(BEFORE_SECONDS)
  await canary.start()
  await traffic.run(SETTLED_SECONDS)
  const before = { bytes: heldBytes(), requests: traffic.requests }
  const each = []
  for (let round = 0; round < rounds; round += 1) {
    const spentUs = clock.spentUs()
    await traffic.run(ROUND_SECONDS)
    each.push((clock.spentUs() - spentUs) / ROUND_SECONDS)
  }
  const perSecondUs = Math.min(...each)
  const heldMore = heldBytes() - before.bytes
  const { state, weight } = canary.status()
  if (weight !== WEIGHT) throw new Error(`the rollout is ${state} with ${weight} %`)
  await canary.close()
  return {
    perSecondUs,
    perRequestUs: perSecondUs / ((perSecond * WEIGHT) / 100),
    heldBytes: heldMore / (traffic.requests - before.requests),
  }
}

/** Each request has a latency and an outcome of its own. */
function opener(canary, isByKey) {
  return (request) => {
    const { durationMs, outcome } = CALLS[request % CALLS.length]
    const flight = canary.begin(isByKey ? { key: keyAt(request) } : undefined)
    return { durationMs, end: () => flight.end({ outcome }) }
  }
}
