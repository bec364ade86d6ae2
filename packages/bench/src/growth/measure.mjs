import { createCanary, hold, stickyStrategy } from '@model-canary/core'
import { VERSIONS } from '../harness/canary.mjs'
import { heldBytes } from '../harness/heap.mjs'
import { createTimedClock } from '../look-cost/timed-clock.mjs'
import { BEFORE_SECONDS, createTraffic } from '../look-cost/traffic.mjs'

const WEIGHT = 10

/** So many requests come meanwhile, whatever the situation. */
const BEFORE_PER_SECOND = 50

/** Few requests, because only the looks fill what a rollout keeps. */
const SETTLING_PER_SECOND = 5

/** The time between two looks, by default: the delay that tells a look from other tasks. */
const LOOK_MS = 15_000

/** More tasks than any situation has. */
const MOST_TASKS = 200_000

/**
 * What a situation was measured to hold and to take.
 *
 * @typedef {object} Run
 * @property {readonly { requests: number, seconds: number, heldBytes: number }[]} marks since all had settled
 * @property {number} endedBytes what the process held when all requests had ended, and the rollout went on
 * @property {number} underWay flights that were open at the last mark
 * @property {readonly number[]} looksUs the time for which each look took the loop
 * @property {readonly number[]} othersUs the same of all other tasks: checks of each second, sweeps, reads of the store
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

/** Keeps the time of each task since `begin`, in memory that does not grow. */
function createTaskTimes() {
  const looks = new Float64Array(MOST_TASKS)
  const others = new Float64Array(MOST_TASKS)
  let lookCount = 0
  let otherCount = 0
  return {
    note({ delayMs, us }) {
      if (delayMs === LOOK_MS) looks[lookCount++] = us
      else others[otherCount++] = us
    },
    begin() {
      lookCount = otherCount = 0
    },
    read: () => ({ looksUs: [...looks.subarray(0, lookCount)], othersUs: [...others.subarray(0, otherCount)] }),
  }
}
