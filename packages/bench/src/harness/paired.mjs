import { seededRandom, shuffled } from './random.mjs'
import { spreadOf } from './spread.mjs'

/**
 * Makes a number of calls in a row and returns a number that depends on each of them,
 * so that the compiler cannot remove a call.
 *
 * @typedef {(calls: number) => number | Promise<number>} Batch
 */

/**
 * @typedef {object} Comparison
 * @property {(candidate: string, reference: string) => import('./spread.mjs').Spread} ratio by round
 * @property {(candidate: string, reference: string) => number} cheapest the ratio of the cheapest batches: other work
 *   on the machine only adds to a cost, and never to both sides alike
 * @property {(reference: string) => import('./spread.mjs').Spread} noise of the reference to itself, by round
 * @property {(candidate: string) => number} nanoseconds of process CPU a call, the median
 */

/** The most calls of a batch, for candidates that take almost no time. */
const MOST_CALLS = 1e8

/** Marks the second copy of a candidate, which shows how much equal code differs. */
const TWIN = ' again'

/**
 * Measures candidates side by side: in each round every one of them makes a batch of calls, in a random order and
 * twice, and the cost is the process CPU time. Ratios are taken within rounds, so that a slow minute of the machine
 * touches both sides of each.
 *
 * @param {Record<string, Batch>} batches
 * @param {{ rounds: number, batchMs?: number, seed?: number }} options
 * @returns {Promise<Comparison>}
 */
export async function compare(batches, { rounds, batchMs = 30, seed = 1 }) {
  const random = seededRandom(seed)
  const names = Object.keys(batches)
  const callsOf = new Map()
  for (const name of names) callsOf.set(name, await calibrate(batches[name], batchMs))

  const costs = Object.fromEntries([...names, ...names.map((name) => name + TWIN)].map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(Object.keys(costs), random)) {
      const original = name.endsWith(TWIN) ? name.slice(0, -TWIN.length) : name
      const calls = callsOf.get(original)
      costs[name].push((await cpuMsOf(batches[original], calls)) / calls)
    }
  }

  const both = (name) => costs[name].map((cost, round) => (cost + costs[name + TWIN][round]) / 2)
  const ratios = (above, below) => spreadOf(above.map((cost, round) => cost / below[round]))
  const cheapest = (name) => Math.min(...costs[name], ...costs[name + TWIN])
  return {
    ratio: (candidate, reference) => ratios(both(candidate), both(reference)),
    cheapest: (candidate, reference) => cheapest(candidate) / cheapest(reference),
    noise: (reference) => ratios(costs[reference + TWIN], costs[reference]),
    nanoseconds: (candidate) => spreadOf(both(candidate)).median * 1e6,
  }
}

/** Returns how many calls fill a batch. The calls also warm up the compiler. */
async function calibrate(batch, batchMs) {
  let calls = 64
  for (;;) {
    const cpuMs = await cpuMsOf(batch, calls)
    if (cpuMs >= batchMs || calls >= MOST_CALLS) break
    calls = Math.ceil(calls * Math.min(8, (1.5 * batchMs) / Math.max(cpuMs, 0.01)))
  }
  for (let again = 0; again < 3; again++) {
    const cpuMs = Math.max(await cpuMsOf(batch, calls), 0.01)
    calls = Math.min(MOST_CALLS, Math.max(64, Math.round((calls * batchMs) / cpuMs)))
  }
  return calls
}

async function cpuMsOf(batch, calls) {
  globalThis.gc?.({ type: 'minor' }) // so that a batch does not pay for the garbage of the one before
  const before = process.cpuUsage()
  const result = await batch(calls)
  const { user, system } = process.cpuUsage(before)
  if (!Number.isFinite(result)) throw new Error('a batch must answer with a number that depends on its calls')
  return (user + system) / 1_000
}
