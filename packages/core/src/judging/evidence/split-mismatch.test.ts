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
  it('is held against its weight, at a hundred to one', () => {
    expect(at([9_000, 1_000])).toBeUndefined()
    expect(at([8_880, 1_120], {}, 1e-9)).toMatch(
      /^the canary got 11\.2 % of 10000 requests, 10 % were planned: /, // ln E 5.29
    )
    expect(at([8_890, 1_110], {}, 1e-9)).toBeUndefined() // ln E is 4.2, and ln 100 is 4.6
  })

  it('that loses the canary’s requests, or sends it too many, is a mismatch', () => {
    expect(at([900, 20])).toBeDefined()
    expect(at([900, 300])).toBeDefined()
  })

  it('is held against the weight of the step, fractions of a percent included', () => {
    expect(at([99_500, 500], { weight: 0.5 })).toBeUndefined()
    expect(at([99_500, 500], { weight: 1 })).toBeDefined()
    expect(at([5_000, 5_000], { weight: 50 })).toBeUndefined()
  })

  it('is not held against anything where all go to one arm', () => {
    expect(at([0, 10_000], { weight: 100 })).toBeUndefined()
    expect(at([10_000, 0], { weight: 0 })).toBeUndefined()
  })

  it('is held against it while a holdback bakes, too', () => {
    expect(at([1_000, 9_000], { phase: 'bake', weight: 90 })).toBeUndefined()
    expect(at([5_000, 5_000], { phase: 'bake', weight: 90 })).toMatch(/^the canary got 50 % of 10000 requests, 90 % /)
  })

  it('of which nothing has come says nothing', () => {
    expect(at([0, 0])).toBeUndefined()
  })

  it('that is as planned is suspected in one rollout of a hundred at the most, however often one looks', () => {
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
  it('is not held against its weight: some users come more often than others', () => {
    expect(at([8_000, 2_000], sticky)).toBeUndefined()
    expect(at([9_990, 10], sticky)).toBeUndefined()
  })

  it('has flights that ended or are under way held against those that began', () => {
    expect(at([8_000, 2_000], { ...sticky, accounted: [7_990, 1_990] })).toBeUndefined()
    expect(at([8_000, 2_000], { ...sticky, accounted: [8_000, 1_600] })).toBe(
      'the canary accounts for 16.7 % of 9600 requests and began 20 %: its answers get lost',
    )
  })

  it('of which one arm is empty says nothing', () => {
    expect(at([8_000, 0], sticky)).toBeUndefined()
    expect(at([0, 8_000], sticky)).toBeUndefined()
    expect(at([8_000, 2_000], { ...sticky, accounted: [0, 0] })).toBeUndefined()
  })
})

describe('what is tolerated', () => {
  const held = (canary: number, rest: Partial<StepContext> = {}, splitTolerance: number | null = null) => {
    const context = contextOf([], { weight: 10, ...rest })
    const begun = { baseline: 1_000_000 - canary, canary }
    return splitMismatch({ ...beginEvidence(context, policy), begun, accounted: begun }, context, { splitTolerance })
      ?.isHeld
  }

  it('is two points, however much traffic shows that they are there', () => {
    expect(held(119_000)).toBeUndefined()
    expect(held(81_000)).toBeUndefined()
    expect(held(121_000)).toBe(false)
    expect(held(139_000)).toBe(false)
    expect(held(141_000)).toBe(true)
    expect(held(59_000)).toBe(true)
  })

  it('is a quarter of the smaller share where that is less', () => {
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

  it('are compared when both have news', () => {
    const first = pairUp(noneUnpaired, came(900, 0), 15_000)
    expect(first).toEqual({ begun: came(900, 0), waitedMs: 15_000 })
    expect(pairUp(first, came(0, 0), 15_000)).toEqual({ begun: came(900, 0), waitedMs: 30_000 })
    expect(pairUp(first, came(0, 100), 15_000)).toEqual(noneUnpaired)
    const context = contextOf([])
    const evidence = { ...beginEvidence(context, policy), begun: came(900, 0) }
    expect(splitMismatch(evidence, context, policy)?.isHeld).toBe(true)
    expect(splitMismatch({ ...evidence, unpaired: first }, context, policy)).toBeUndefined()
  })

  it('are compared after two minutes all the same: an arm without any news is what is looked for', () => {
    const waiting = { begun: came(900, 0), waitedMs: 119_000 }
    expect(pairUp(waiting, came(1, 0), 999)).toEqual({ begun: came(901, 0), waitedMs: 119_999 })
    expect(pairUp(waiting, came(1, 0), 1_000)).toEqual(noneUnpaired)
  })

  it('wait for nothing while nothing comes', () => {
    expect(pairUp(noneUnpaired, came(0, 0), 15_000)).toEqual(noneUnpaired)
  })
})
