import { describe, expect, it } from 'vitest'
import { MOST_STEP_MASSES, START_MASS, STEP_MASS, tickMass } from './onset-mass.js'

/** 173 days of ticks of 15 seconds. */
const TICKS = 1_000_000

const ticks = Array.from({ length: TICKS }, (_, at) => tickMass(at + 1))

describe('the masses of the moments at which harm may set in', () => {
  it('are 1 at most in all, however long the rollout lasts', () => {
    // a sum of a falling function is at most its integral from one tick earlier: ∫ .379/(t + 10)^1.5 = .758/√(t + 10)
    const later = 0.758 / Math.sqrt(TICKS + 10)
    const ofTicks = ticks.reduce((sum, mass) => sum + mass, 0) + later
    expect(ofTicks).toBeCloseTo(0.2338577262, 8) // .379·ζ(1.5, 11), by mpmath
    const all = START_MASS + MOST_STEP_MASSES * STEP_MASS + ofTicks
    expect(all).toBeLessThanOrEqual(1)
    expect(all).toBeGreaterThan(0.97) // and little of it is given away
  })

  it('are those of the formula', () => {
    expect(tickMass(1)).toBeCloseTo(0.0103884363268, 12)
    expect(tickMass(100)).toBeCloseTo(0.000328511201204, 14)
  })

  it('fall from tick to tick, and never to 0', () => {
    expect(ticks.every((mass, at) => mass > 0 && (at === 0 || mass < ticks[at - 1]!))).toBe(true)
  })
})
