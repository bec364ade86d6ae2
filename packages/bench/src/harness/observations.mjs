import { seededRandom } from './random.mjs'

/** A number of calls that stays in the CPU cache, as a call that has just finished does. */
const FEW = 512

/** A usual time limit: a version takes the more memory, the longer its longest calls are. */
export const LIMIT_MS = 30_000

/**
 * Finished calls as a service sees them: latencies that are log-normal around 8 ms, one call in a hundred failed,
 * a tenth of them the canary's.
 *
 * @param {{ described?: boolean, count?: number, longestMs?: number }} [options] `described` adds a predicted class and
 *   a score; `count` is a power of two; with `longestMs`, one call in a hundred takes so long
 */
export function observations({ described = false, count = FEW, longestMs } = {}) {
  const random = seededRandom(7)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: count }, (_, index) => ({
    variant: random() < 0.1 ? 'canary' : 'baseline',
    at: 1_000.5 + index * 0.25,
    durationMs: (index % 100 === 0 ? longestMs : undefined) ?? 8 * Math.exp(0.5 * normal()),
    outcome: random() < 0.01 ? 'error' : 'success',
    ...(described ? { prediction: random() < 0.6 ? 'positive' : 'negative', score: random() } : {}),
  }))
}

/**
 * Returns the n-th of these observations; the first follows the last.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {number} n
 */
export function itemAt(items, n) {
  return items[n & (items.length - 1)]
}
