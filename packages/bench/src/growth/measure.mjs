import { createCanary, hold, stickyStrategy } from '@model-canary/core'
import { VERSIONS } from '../harness/canary.mjs'
import { heldBytes } from '../harness/heap.mjs'
import { createTimedClock } from '../look-cost/timed-clock.mjs'
import { BEFORE_SECONDS, createTraffic } from '../look-cost/traffic.mjs'
import { createTaskTimes } from './task-times.mjs'

const WEIGHT = 10

/** So many requests come meanwhile, whatever the situation. */
const BEFORE_PER_SECOND = 50

/** Few requests, because only the looks fill what a rollout keeps. */
const SETTLING_PER_SECOND = 5

/**
 * What a situation was measured to hold and to take.
 *
 * @typedef {Held & import('./task-times.mjs').TaskTimes} Run
 *
 * @typedef {object} Held
 * @property {readonly { requests: number, seconds: number, heldBytes: number }[]} marks since all had settled
 * @property {number} endedBytes what the process held when all requests had ended, and the rollout went on
 * @property {number} underWay flights that were open at the last mark
 */

/**
 * Runs a rollout that stays at 10 %, in virtual time, with the default options and a sticky split.
 *
 * @param {import('./situations.mjs').Situation} situation
 * @param {'full' | 'quick'} extent
 * @returns {Promise<Run>}
 */
export async function measure(situation, extent) {
  const tasks = createTaskTimes()
  const clock = await createTimedClock({ onTask: tasks.note })
  const strategy = await stickyStrategy({ salt: 'bench' })
  const { guardrails, perSecond } = situation
  const canary = createCanary({
    ...{ name: 'bench', versions: VERSIONS, plan: hold(WEIGHT), logger: false, clock, strategy },
    ...(guardrails && { guardrails }),
  })
  const traffic = createTraffic({ clock, perSecond, open: situation.open(canary) })
  await traffic.run(BEFORE_SECONDS, BEFORE_PER_SECOND)
  await canary.start()
  await traffic.run(situation.settledSeconds[extent], SETTLING_PER_SECOND)

  const sentBefore = traffic.requests
  const beside = await situation.beside?.(canary)
  const run = async (seconds) => {
    if (beside === undefined) return await traffic.run(seconds)
    for (let second = 0; second < seconds; second += 1) {
      await traffic.run(1)
      await beside.second()
    }
  }
  const marks = []
  let atSeconds = 0
  for (const seconds of situation.marks[extent]) {
    await run(seconds - atSeconds)
    atSeconds = seconds
    if (marks.length === 0) tasks.begin()
    marks.push({ requests: traffic.requests - sentBefore, seconds, heldBytes: heldBytes() })
  }
  const { v1, v2 } = canary.metrics()
  const { state, weight } = canary.status()
  if (weight !== WEIGHT) throw new Error(`the rollout is ${state} with ${weight} %: ${canary.explain()}`)
  const times = tasks.read()
  await traffic.end()
  await beside?.end()
  const endedBytes = heldBytes()
  await canary.close()
  return { marks, endedBytes, underWay: v1.inFlight + v2.inFlight, ...times }
}
