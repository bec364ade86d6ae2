import { describe, expect, it } from 'vitest'
import { meanInformation, shareInformation } from './safety-information.js'

const kl = (p: number, q: number) => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))

describe('the information about the safety of a share', () => {
  it('is the least divergence over all pairs that differ by the margin', () => {
    for (const weight of [0.1, 0.5, 0.9]) {
      const found = shareInformation(0.01, 0.02, weight)
      const grid = Array.from({ length: 9_999 }, (_, at) => (at + 1) / 1e5)
      const least = Math.min(...grid.map((q) => weight * kl(0.01, q + 0.02) + (1 - weight) * kl(0.01, q)))
      expect(Math.abs(found / least - 1)).toBeLessThan(1e-4)
    }
  })

  it('is small at a small weight, and that of a share without hits is finite', () => {
    const at = (weight: number) => shareInformation(0.01, 0.02, weight)
    expect(at(0.5)).toBeGreaterThan(1.4 * at(0.25))
    expect(at(0.25)).toBeGreaterThan(2 * at(0.1))
    expect(shareInformation(0, 0.02, 0.5)).toBeCloseTo(-0.5 * Math.log(0.98), 6)
  })

  it('of a mean is that of two normal samples', () => {
    expect(meanInformation(50, 95, 0.5)).toBeCloseTo(2_500 / (8 * 95 ** 2), 12)
  })
})
