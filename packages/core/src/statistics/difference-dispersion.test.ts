import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { addChange, addDifference, dispersionOfDifferences } from './difference-dispersion.js'
import { noSpread, type Spread } from './dispersion.js'
import type { Moments } from './moments.js'

/** So many hits among so many requests. */
const yes = (sum: number, count: number): Moments => ({ count, sum, sumOfSquares: sum })

/** The spread of a number of windows of both arms. */
function spreadOf(windows: number, arms: (window: number) => readonly [canary: Moments, baseline: Moments]): Spread {
  const all = Array.from({ length: windows }, (_, window) => {
    const [canary, baseline] = arms(window)
    return { canary, baseline }
  })
  return all.slice(1).reduce((spread, window, at) => addDifference(spread, all[at]!, window, 0.01), noSpread)
}

/** Draws hits of independent requests. */
function hits(random: () => number, requests: number, rate: number): Moments {
  let sum = 0
  for (let request = 0; request < requests; request += 1) if (random() < rate) sum += 1
  return yes(sum, requests)
}

describe('two windows of both arms', () => {
  it('differ by the square of the change over its expectation', () => {
    // d .0029629630, then .04; canary 5/150: .0322222·2/75; baseline 16/1350: .0117114·2/675
    const [before, after] = [
      { canary: yes(1, 75), baseline: yes(7, 675) },
      { canary: yes(4, 75), baseline: yes(9, 675) },
    ]
    const { sum, pairs } = addDifference(noSpread, before!, after!, 0)
    expect(pairs).toBe(1)
    expect(sum).toBeCloseTo(1.5344563887, 9)
  })

  it('vary by no less than half of the usual variance', () => {
    const before = { canary: yes(0, 100), baseline: yes(0, 100) }
    const after = { canary: yes(0, 100), baseline: yes(2, 100) }
    const { sum } = addDifference(noSpread, before, after, 0.5)
    expect(sum).toBeCloseTo(0.02 ** 2 / (2 * 0.25 * 0.02), 12)
  })

  it('that never vary are no noise', () => {
    const idle = { canary: yes(0, 100), baseline: yes(0, 100) }
    expect(addDifference(noSpread, idle, idle, 0)).toEqual({ sum: 0, pairs: 1, largest: [0] })
    expect(addChange(noSpread, yes(0, 10), yes(0, 10), 0)).toEqual({ sum: 0, pairs: 1, largest: [0] })
  })

  it('of one arm differ by the change of its mean', () => {
    expect(addChange(noSpread, yes(1, 100), yes(7, 100), 0).sum).toBeCloseTo(0.06 ** 2 / (0.04 * 0.96 * 0.02), 12)
  })
})

describe('the dispersion', () => {
  it('is the mean of the pairs without the largest, with the past as twenty pairs', () => {
    const spread = { sum: 12.1 + 40, pairs: 12, largest: [40, 3] } // eleven pairs of 1.1
    expect(dispersionOfDifferences(spread, 50)).toBeCloseTo(31.6625, 12)
  })

  it('is that of the past before four pairs, and never below 1', () => {
    expect(dispersionOfDifferences({ sum: 90, pairs: 3, largest: [80, 5] }, 2)).toBe(2)
    expect(dispersionOfDifferences({ sum: 0, pairs: 40, largest: [0, 0] }, 1)).toBe(1)
    expect(dispersionOfDifferences(noSpread, 0)).toBe(1)
  })

  it('is about 1 for independent requests, at any rates and sizes', () => {
    const random = seededRandom(3)
    const meanOf = (canary: number, baseline: number, requests: readonly [number, number]) => {
      const { sum, pairs } = spreadOf(400, () => [
        hits(random, requests[0], canary),
        hits(random, requests[1], baseline),
      ])
      return sum / pairs
    }
    expect(meanOf(0.05, 0.05, [75, 675])).toBeCloseTo(1, 0)
    expect(meanOf(0.2, 0.01, [75, 675])).toBeGreaterThan(0.8) // a worse canary is not a noisier one
    expect(meanOf(0.2, 0.01, [75, 675])).toBeLessThan(1.2)
  })

  it('does not see what happens to both arms, but sees what happens to one', () => {
    const random = seededRandom(4)
    const incident = (window: number) => (window % 10 === 5 ? 0.5 : 0.01)
    const shared = spreadOf(60, (window) => [hits(random, 75, incident(window)), hits(random, 675, incident(window))])
    const alone = spreadOf(60, (window) => [hits(random, 75, incident(window)), hits(random, 675, 0.01)])
    expect(dispersionOfDifferences(shared, 1)).toBeLessThan(1.5)
    expect(dispersionOfDifferences(alone, 1)).toBeGreaterThan(3)
  })

  it('does not see harm that begins and lasts', () => {
    const random = seededRandom(5)
    const harm = spreadOf(40, (window) => [hits(random, 75, window < 20 ? 0.01 : 0.5), hits(random, 675, 0.01)])
    expect(harm.largest[0]).toBeGreaterThan(30)
    expect(dispersionOfDifferences(harm, 1)).toBeLessThan(1.2)
  })
})
