import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { sequenceHalfWidth } from './confidence-sequence.js'

describe('sequenceHalfWidth', () => {
  it.each([
    [10, 0.05, 5_000, 19.611056815366],
    [1_000, 0.05, 5_000, 3.152422454674],
    [5_000, 0.05, 5_000, 2.779094235314],
    [20_000, 0.05, 5_000, 2.868196539273],
    [100_000, 0.01, 5_000, 3.632624886859],
  ])('matches scipy at %d requests, alpha %d, tuned for %d', (n, alpha, tunedFor, expected) => {
    expect(sequenceHalfWidth({ n, alpha, tunedFor })).toBeCloseTo(expected, 10)
  })

  it('is without a limit before the first request', () => {
    expect(sequenceHalfWidth({ n: 0, alpha: 0.05, tunedFor: 5_000 })).toBe(Number.POSITIVE_INFINITY)
  })

  it('is tightest at the number of requests that it is tuned for', () => {
    const at = (tunedFor: number) => sequenceHalfWidth({ n: 5_000, alpha: 0.05, tunedFor })
    for (const other of [500, 2_500, 10_000, 50_000]) expect(at(5_000)).toBeLessThan(at(other))
  })

  it('is wider than the limit of a single look, and the wider the surer', () => {
    expect(sequenceHalfWidth({ n: 5_000, alpha: 0.05, tunedFor: 5_000 })).toBeGreaterThan(1.644854) // z(.95)
    const surer = sequenceHalfWidth({ n: 5_000, alpha: 0.01, tunedFor: 5_000 })
    expect(surer).toBeGreaterThan(sequenceHalfWidth({ n: 5_000, alpha: 0.05, tunedFor: 5_000 }))
  })

  it('is left by the truth in one course of twenty at most, looked at after every request', () => {
    const RUNS = 1_000
    const REQUESTS = 2_000
    const random = seededRandom(5)
    const limits = Array.from({ length: REQUESTS }, (_, at) =>
      sequenceHalfWidth({ n: at + 1, alpha: 0.05, tunedFor: 500 }),
    )
    let [left, leftOnce] = [0, 0]
    for (let run = 0; run < RUNS; run += 1) {
      let sum = 0
      let [isLeft, isLeftOnce] = [false, false]
      for (let n = 1; n <= REQUESTS; n += 1) {
        sum += Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
        isLeft ||= sum / Math.sqrt(n) > limits[n - 1]!
        isLeftOnce ||= sum / Math.sqrt(n) > 1.644854
      }
      left += Number(isLeft)
      leftOnce += Number(isLeftOnce)
    }
    expect(left / RUNS).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS))
    expect(left).toBeGreaterThan(0)
    expect(leftOnce / RUNS).toBeGreaterThan(0.3) // what the limit of a single look would do
  })
})
