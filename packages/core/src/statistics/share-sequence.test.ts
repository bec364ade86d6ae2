import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { atMost } from '../judging/evidence/evidence.fixture.js'
import { shareSequence } from './share-sequence.js'

describe('the limits of a share', () => {
  it('have a width where nothing was hit, and where everything was', () => {
    const none = shareSequence({ n: 60, x: 0, alpha: 0.025 })
    expect(none.low).toBe(0)
    // (ln 40 + ln B(½, ½) − ln B(½, 60½)) / 60 = 0.1052 = −ln(1 − p)
    expect(none.high).toBeCloseTo(0.0998, 3)
    const all = shareSequence({ n: 60, x: 60, alpha: 0.025 })
    expect(all.high).toBe(1)
    expect(all.low).toBeCloseTo(1 - none.high, 9)
  })

  it('are everything without trials, and close in on the share', () => {
    expect(shareSequence({ n: 0, x: 0, alpha: 0.05 })).toEqual({ low: 0, high: 1 })
    const widths = [10, 100, 1_000, 100_000].map((n) => {
      const { low, high } = shareSequence({ n, x: n / 10, alpha: 0.05 })
      expect(low).toBeLessThan(0.1)
      expect(high).toBeGreaterThan(0.1)
      return high - low
    })
    expect(widths.toSorted((a, b) => b - a)).toEqual(widths)
    expect(widths.at(-1)).toBeLessThan(0.01)
  })

  it.each([0.002, 0.05, 0.5])(
    'hold at every look at once: a share of %d lies outside at some look in few runs',
    (p) => {
      const random = seededRandom(7)
      const runs = 400
      let missed = 0
      for (let run = 0; run < runs; run += 1) {
        let x = 0
        for (let n = 1; n <= 600; n += 1) {
          if (random() < p) x += 1
          const { low, high } = shareSequence({ n, x, alpha: 0.1 })
          if (p >= low && p <= high) continue
          missed += 1
          break
        }
      }
      expect(missed / runs).toBeLessThanOrEqual(atMost(0.1, runs))
    },
  )
})
