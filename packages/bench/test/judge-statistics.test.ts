import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/judge/${name}.mjs`)
const { limitsOf } = await part('limits')
const { normalTail } = await part('draws')
const { certainOracle, latencyOracle, oracleExposure, rateOracle } = await part('oracle')
const { aimsOf, isBroken } = await part('reach')
const { quantileOf, tallyOf } = await part('tally')
const { beyond, p99Of, toleratedTail } = await part('tails')

describe('the exact limits of a proportion', () => {
  it.each([
    [81, 263, 0.2527, 0.3676],
    [15, 148, 0.0578, 0.1617],
    [0, 20, 0, 0.1684],
    [1, 29, 0.0009, 0.1776],
  ])('match Newcombe (1998), table I, method 5: %i of %i', (hits, trials, low, high) => {
    const limits = limitsOf(hits, trials)
    expect(limits.low).toBeCloseTo(low, 4)
    expect(limits.high).toBeCloseTo(high, 4)
  })

  it('end at 1 where all are hits', () => {
    expect(limitsOf(20, 20)).toEqual({ low: expect.closeTo(0.8315665, 6), high: 1 })
  })
})

describe('the normal tail', () => {
  it.each([
    [0.5, 0.3085375387],
    [2.9, 0.0018658133],
    [3.1, 0.00096760321],
    [8, 6.2209605743e-16],
    [-1, 0.8413447461],
  ])('is right at %d, near 0 and far out', (z, tail) => {
    expect(normalTail(z) / tail).toBeCloseTo(1, 8)
  })

  it('gives lognormal quantiles and shares', () => {
    expect(p99Of(120)).toBeCloseTo(478.6, 1)
    expect(beyond(120, 0.7, p99Of(120))).toBeCloseTo(0.01, 9)
    expect(toleratedTail(120)).toBeCloseTo((0.0018332 + 0.01) / 2, 6)
  })
})

describe('the oracle', () => {
  const exposure = (increment: unknown, weight: number) =>
    oracleExposure(increment, { random: seededRandom(1), weight, runs: 1_999 })

  // ln 20 / I of two samples, where I = KL(p_c1 ‖ p_c0) + (1 − w)/w KL(p_b1 ‖ p_b0); made with scipy
  it.each([
    [0.04, 0.1, 406],
    [0.04, 0.25, 467],
    [0.04, 0.5, 667],
    [0.04, 0.9, 3_248],
    [0.09, 0.1, 49],
    [0.09, 0.25, 61],
    [0.09, 0.5, 99],
    [0.09, 0.9, 562],
  ])(
    'needs about ln 20 / I where the canary fails in %d of its calls, at a weight of %d',
    (actual, weight, expected) => {
      const median = exposure(rateOracle(0.01, 0.02, actual), weight)
      expect(median).toBeGreaterThan(0.6 * expected)
      expect(median).toBeLessThan(1.1 * expected)
    },
  )

  it('needs no more than it would with the rate of the baseline known, where the baseline has all requests', () => {
    const known = exposure(rateOracle(0.6, 0.65, 0.8), 0.02)
    expect(Math.abs(known - 44)).toBeLessThanOrEqual(3)
  })

  it('tells latencies by their logarithms: ln 20 at half a squared shift a request', () => {
    const shift = Math.log(200 / 145) / 0.7
    const latencies = latencyOracle({ baselineMs: 120, toleratedMs: 145, actualMs: 200 })
    const expected = Math.log(20) / ((shift ** 2 / 2) * 0.9)
    expect(exposure(latencies, 0.1)).toBeGreaterThan(0.7 * expected)
    expect(exposure(latencies, 0.1)).toBeLessThan(1.1 * expected)
  })

  it('needs one request of what never happens to a good canary', () => {
    expect(exposure(certainOracle, 0.1)).toBe(1)
  })
})

describe('the tally', () => {
  const outcomes = [
    { state: 'rolled-back', elapsedMs: 200_000, exposed: 300, sinceOnset: 40, onsetMs: 150_000 },
    { state: 'rolled-back', elapsedMs: 90_000, exposed: 100, sinceOnset: 0 },
    {
      state: 'promoted',
      elapsedMs: 300_000,
      exposed: 4_000,
      sinceOnset: 3_000,
      onsetMs: 150_000,
      onsetWeight: 25,
      bakeFromMs: 225_000,
    },
    {
      state: 'stalled',
      elapsedMs: 7_200_000,
      exposed: 9_000,
      sinceOnset: 8_000,
      onsetMs: 150_000,
      bakeFromMs: 400_000,
    },
  ]

  it('counts exposure and time from when the harm began, and a rollback before as early', () => {
    expect(tallyOf(outcomes)).toEqual({
      runs: 4,
      promoted: 1,
      rolledBack: 1,
      stalled: 1,
      early: 1,
      inOutage: 0,
      falseSplit: 0,
      exposed: [40, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      rollbackMs: [50_000, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      promotionMs: [300_000, Number.POSITIVE_INFINITY],
      bakeMs: [75_000],
      onsetWeights: [25],
    })
  })

  it('counts promotions in an outage, and runs with an alert of a split that was none', () => {
    const promoted = { state: 'promoted', elapsedMs: 300_000, exposed: 4_000 }
    const runs = [
      { ...promoted, isInOutage: true },
      { ...promoted, splitAlerts: 2 },
      { ...promoted, splitAlerts: 0 },
    ]
    expect(tallyOf(runs)).toMatchObject({ promoted: 3, inOutage: 1, falseSplit: 1 })
  })

  it('takes quantiles of values that may never have come', () => {
    expect(quantileOf([1, 2, 3], 0.5)).toBe(2)
    expect(quantileOf([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.5)).toBe(Number.POSITIVE_INFINITY)
    expect(quantileOf([1, Number.POSITIVE_INFINITY], 0.25)).toBe(Number.POSITIVE_INFINITY)
    expect(quantileOf([], 0.5)).toBeNaN()
  })
})

describe('an aim', () => {
  const tally = (counts: object) => ({
    runs: 100,
    promoted: 0,
    rolledBack: 0,
    stalled: 0,
    early: 0,
    exposed: [],
    ...counts,
  })
  const stateOf = (reach: object, counts: object) => aimsOf(reach, tally(counts), 10)[0].state

  it('is missed where chance may explain it, and contradicted where that would be rare', () => {
    expect(stateOf({ falseRollback: 0.003 }, { rolledBack: 0 })).toBe('reached')
    expect(stateOf({ falseRollback: 0.003 }, { rolledBack: 1 })).toBe('missed') // at least 0.025 % by its limits
    expect(stateOf({ falseRollback: 0.003 }, { rolledBack: 3 })).toBe('contradicted') // at least 0.62 %
  })

  it('of no miss at all is contradicted by one, whether promoted or stalled', () => {
    expect(stateOf({ missed: 0 }, { promoted: 1 })).toBe('contradicted')
    expect(stateOf({ missed: 0 }, { stalled: 1 })).toBe('contradicted')
  })

  it('of no promotion in an outage, and no false alert of the split, is contradicted by one', () => {
    expect(stateOf({ promotedInOutage: 0 }, { inOutage: 1 })).toBe('contradicted')
    expect(stateOf({ promotedInOutage: 0 }, { inOutage: 0 })).toBe('reached')
    expect(stateOf({ splitAlerts: 0 }, { falseSplit: 1 })).toBe('contradicted')
    expect(stateOf({ splitAlerts: 0 }, { falseSplit: 0 })).toBe('reached')
  })

  it('of a median counts how many stayed within', () => {
    const half = (over: number) => Array.from({ length: 100 }, (_, run) => (run < over ? 700 : 500))
    expect(stateOf({ exposed: 650 }, { exposed: half(40) })).toBe('reached')
    expect(stateOf({ exposed: 650 }, { exposed: half(55) })).toBe('missed')
    expect(stateOf({ exposed: 650 }, { exposed: half(70) })).toBe('contradicted')
    expect(stateOf({ oracleRatio: 65 }, { exposed: half(70) })).toBe('contradicted')
  })

  it('fails the benchmark where it is contradicted, but for the distance to the oracle', () => {
    expect(isBroken({ figure: 'missed', state: 'contradicted' })).toBe(true)
    expect(isBroken({ figure: 'missed', state: 'missed' })).toBe(false)
    expect(isBroken({ figure: 'oracleRatio', state: 'contradicted' })).toBe(false)
  })

  it('that is not asked for is not there', () => {
    expect(aimsOf({ missed: undefined, promoted: 0.05 }, tally({}), undefined)).toMatchObject([{ figure: 'promoted' }])
  })
})
