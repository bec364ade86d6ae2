import { describe, expect, it } from 'vitest'
import { MOST_WEIGHTED_STEPS, START_PRIOR_WEIGHT, STEP_PRIOR_WEIGHT, tickPriorWeight } from './onset-prior-weight.js'

/** 173 days of ticks of 15 seconds. */
const TICKS = 1_000_000

const ticks = Array.from({ length: TICKS }, (_, at) => tickPriorWeight(at + 1))

describe('the prior weights of the moments at which harm may set in', () => {
  it('are 1 at most in all, however long the rollout lasts', () => {
    // a sum of a falling function is at most its integral from one tick earlier: ∫ .379/(t + 10)^1.5 = .758/√(t + 10)
    const later = 0.758 / Math.sqrt(TICKS + 10)
    const ofTicks = ticks.reduce((sum, priorWeight) => sum + priorWeight, 0) + later
    expect(ofTicks).toBeCloseTo(0.2338577262, 8) // .379·ζ(1.5, 11), by mpmath
    const all = START_PRIOR_WEIGHT + MOST_WEIGHTED_STEPS * STEP_PRIOR_WEIGHT + ofTicks
    expect(all).toBeLessThanOrEqual(1)
    expect(all).toBeGreaterThan(0.97) // and little of it is given away
  })

  it('are those of the formula', () => {
    expect(tickPriorWeight(1)).toBeCloseTo(0.0103884363268, 12)
    expect(tickPriorWeight(100)).toBeCloseTo(0.000328511201204, 14)
  })

  it('fall from tick to tick, and never to 0', () => {
    expect(ticks.every((priorWeight, at) => priorWeight > 0 && (at === 0 || priorWeight < ticks[at - 1]!))).toBe(true)
  })
})
