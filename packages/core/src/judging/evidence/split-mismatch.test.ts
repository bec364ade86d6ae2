import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { StepContext } from '../judge.js'
import { atMost, binomial, contextOf, policy } from './evidence.fixture.js'
import { beginEvidence, type Evidence } from './evidence.js'
import { splitMismatch } from './split-mismatch.js'
import { noneUnpaired, pairUp } from './unpaired.js'

const at = (
  begun: readonly [number, number],
  rest: Partial<StepContext> & { accounted?: readonly [number, number] } = {},
  splitTolerance: number | null = null,
) => {
  const { accounted = begun, ...place } = rest
  const context = contextOf([], place)
  const evidence: Evidence = {
    ...beginEvidence(context, policy),
    begun: { baseline: begun[0], canary: begun[1] },
    accounted: { baseline: accounted[0], canary: accounted[1] },
  }
  return splitMismatch(evidence, context, { splitTolerance })?.message
}

const sticky = { calibration: { unit: 'key' } } as const

describe('a split of requests', () => {
  it('is compared with its weight, at an e-value of 100', () => {
    expect(at([9_000, 1_000])).toBeUndefined()
    expect(at([8_880, 1_120], {}, 1e-9)).toMatch(
      /^the canary got 11\.2 % of 10000 requests, 10 % were planned: /, // ln E 5.29
    )
    expect(at([8_890, 1_110], {}, 1e-9)).toBeUndefined() // ln E is 4.2, and ln 100 is 4.6
  })

  it('with too few or too many requests of the canary is a mismatch', () => {
    expect(at([900, 20])).toBeDefined()
    expect(at([900, 300])).toBeDefined()
  })

  it('is compared with the weight of the step, including fractions of a percent', () => {
    expect(at([99_500, 500], { weight: 0.5 })).toBeUndefined()
    expect(at([99_500, 500], { weight: 1 })).toBeDefined()
    expect(at([5_000, 5_000], { weight: 50 })).toBeUndefined()
  })

  it('is not checked if all requests go to one arm', () => {
    expect(at([0, 10_000], { weight: 100 })).toBeUndefined()
    expect(at([10_000, 0], { weight: 0 })).toBeUndefined()
  })

  it('is also checked while baking with a holdback', () => {
    expect(at([1_000, 9_000], { phase: 'bake', weight: 90 })).toBeUndefined()
    expect(at([5_000, 5_000], { phase: 'bake', weight: 90 })).toMatch(/^the canary got 50 % of 10000 requests, 90 % /)
  })

  it('without requests is not checked', () => {
    expect(at([0, 0])).toBeUndefined()
  })

  it('that is as planned is reported in at most one rollout of a hundred, with any number of looks', () => {
    const random = seededRandom(6)
    const repetitions = 500
    let suspected = 0
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      let canary = 0
      for (let look = 1; look <= 60; look += 1) {
        canary += binomial(random, 100, 0.1)
        if (at([100 * look - canary, canary]) === undefined) continue
        suspected += 1
        break
      }
    }
    expect(suspected / repetitions).toBeLessThanOrEqual(atMost(0.01, repetitions))
  })
})

describe('a split of users', () => {
  it('is not compared with its weight, because some users come more often than others', () => {
    expect(at([8_000, 2_000], sticky)).toBeUndefined()
    expect(at([9_990, 10], sticky)).toBeUndefined()
  })

  it('compares the flights that ended or are pending with those that began', () => {
    expect(at([8_000, 2_000], { ...sticky, accounted: [7_990, 1_990] })).toBeUndefined()
    expect(at([8_000, 2_000], { ...sticky, accounted: [8_000, 1_600] })).toBe(
      'the canary accounts for 16.7 % of 9600 requests and began 20 %: its answers get lost',
    )
  })

  it('with an empty arm is not checked', () => {
    expect(at([8_000, 0], sticky)).toBeUndefined()
    expect(at([0, 8_000], sticky)).toBeUndefined()
    expect(at([8_000, 2_000], { ...sticky, accounted: [0, 0] })).toBeUndefined()
  })
})

describe('the tolerance', () => {
  const held = (canary: number, rest: Partial<StepContext> = {}, splitTolerance: number | null = null) => {
    const context = contextOf([], { weight: 10, ...rest })
    const begun = { baseline: 1_000_000 - canary, canary }
    return splitMismatch({ ...beginEvidence(context, policy), begun, accounted: begun }, context, { splitTolerance })
      ?.isHeld
  }

  it('is two points, with any amount of traffic', () => {
    expect(held(119_000)).toBeUndefined()
    expect(held(81_000)).toBeUndefined()
    expect(held(121_000)).toBe(false)
    expect(held(139_000)).toBe(false)
    expect(held(141_000)).toBe(true)
    expect(held(59_000)).toBe(true)
  })

  it('is a quarter of the smaller share if that is less', () => {
    expect(held(12_000, { weight: 1 })).toBeUndefined()
    expect(held(13_000, { weight: 1 })).toBe(false)
    expect(held(16_000, { weight: 1 })).toBe(true)
    expect(held(987_000, { weight: 99 })).toBe(false)
  })

  it('may be given', () => {
    expect(held(149_000, {}, 0.05)).toBeUndefined()
    expect(held(102_000, {}, 0.001)).toBe(false)
    expect(held(103_000, {}, 0.001)).toBe(true)
  })
})

describe('two arms that are counted in turn', () => {
  const came = (baseline: number, canary: number) => ({ baseline, canary })

  it('are compared when both have new counts', () => {
    const first = pairUp(noneUnpaired, came(900, 0), 15_000)
    expect(first).toEqual({ begun: came(900, 0), waitedMs: 15_000 })
    expect(pairUp(first, came(0, 0), 15_000)).toEqual({ begun: came(900, 0), waitedMs: 30_000 })
    expect(pairUp(first, came(0, 100), 15_000)).toEqual(noneUnpaired)
    const context = contextOf([])
    const evidence = { ...beginEvidence(context, policy), begun: came(900, 0) }
    expect(splitMismatch(evidence, context, policy)?.isHeld).toBe(true)
    expect(splitMismatch({ ...evidence, unpaired: first }, context, policy)).toBeUndefined()
  })

  it('are compared after two minutes in any case, because an arm without counts is a mismatch', () => {
    const waiting = { begun: came(900, 0), waitedMs: 119_000 }
    expect(pairUp(waiting, came(1, 0), 999)).toEqual({ begun: came(901, 0), waitedMs: 119_999 })
    expect(pairUp(waiting, came(1, 0), 1_000)).toEqual(noneUnpaired)
  })

  it('do not wait without requests', () => {
    expect(pairUp(noneUnpaired, came(0, 0), 15_000)).toEqual(noneUnpaired)
  })
})
