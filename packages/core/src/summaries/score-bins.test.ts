import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SCORE_BIN_COUNT, scoreBinLow, scoreBinOf } from './score-bins.js'

const bins = Array.from({ length: SCORE_BIN_COUNT }, (_, bin) => bin)
const score = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: -2e6, max: 2e6, noNaN: true }))

describe('the bins of scores', () => {
  it('are in the order of the scores, each from its smallest score up to the next one', () => {
    for (const bin of bins.slice(1)) {
      const low = scoreBinLow(bin)
      expect(scoreBinOf(low + Math.abs(low) * 1e-9 + 1e-15), `${bin} from ${low}`).toBe(bin)
      expect(low).toBeGreaterThan(scoreBinLow(bin - 1))
    }
    expect(scoreBinLow(0)).toBe(Number.NEGATIVE_INFINITY)
  })

  it('never put a larger score into a lower bin', () => {
    fc.assert(
      fc.property(score, score, (a, b) => {
        expect(scoreBinOf(Math.min(a, b))).toBeLessThanOrEqual(scoreBinOf(Math.max(a, b)))
      }),
    )
  })

  it('are at most 1/32 of the score wide, and from ½ to 1 of its distance to 1', () => {
    fc.assert(
      fc.property(score, (value) => {
        const bin = scoreBinOf(value)
        const size = Math.abs(value)
        if (size < 2 ** -12 || size >= 2 ** 20 || (size < 1 && 1 - size < 2 ** -12)) return
        const width = scoreBinLow(bin + 1) - scoreBinLow(bin)
        const scale = size >= 0.5 && size < 1 ? 1 - size : size
        expect(width).toBeLessThanOrEqual((scale / 32) * 1.0001 + 2 ** -17)
      }),
    )
  })

  it('mirror negative scores, and keep 0, ½, 1 and the largest scores apart', () => {
    const middle = scoreBinOf(0)
    for (const value of [0, 0.001, 0.3, 0.5, 0.7, 0.9999, 1, 3, 1e5, 1e300]) {
      expect(scoreBinOf(value) - middle).toBe(middle - scoreBinOf(-value))
    }
    const apart = [0, 0.49, 0.5, 0.9, 0.99, 0.999, 0.9999, 1, 1.5].map(scoreBinOf)
    expect(new Set(apart).size).toBe(apart.length)
    expect([scoreBinOf(-1e300), scoreBinOf(1e300)]).toEqual([0, SCORE_BIN_COUNT - 1])
  })

  it('are 2,693: 10.5 KiB', () => {
    expect(SCORE_BIN_COUNT).toBe(2_693)
  })
})
