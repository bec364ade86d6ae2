import { describe, expect, it } from 'vitest'
import { type EvidenceJudgeOptions, resolvePolicy } from './policy.js'

describe('a policy', () => {
  it('has the defaults that are documented', () => {
    expect(resolvePolicy()).toEqual({
      alpha: 0.05,
      tolerable: 0.5,
      promotion: [0.05, 0.1, 0.15, 0.2],
      tickMs: 15_000,
      graceMs: 180_000,
      minStepMs: 60_000,
      minStepRequests: 50,
      blockRequests: 5,
      meanBlockMs: 5_000,
      meanBlockRequests: 10,
      thresholdWindows: 11,
      minWindows: 20,
      cautiousDispersion: 3,
      outageRate: 0.5,
      splitTolerance: null,
      watchMs: 1_000,
    })
  })

  it('takes what it is given, and the default for what is undefined', () => {
    expect(resolvePolicy({ alpha: 0.01, tickMs: undefined, promotion: [0.01] })).toMatchObject({
      alpha: 0.01,
      tickMs: 15_000,
      promotion: [0.01],
    })
  })

  it('may ask for no time and no windows at all', () => {
    const least = { graceMs: 0, minStepMs: 0, minStepRequests: 0, minWindows: 0, meanBlockMs: 0 }
    expect(resolvePolicy(least)).toMatchObject(least)
  })

  it('is frozen, and keeps no hold of what was passed in', () => {
    const promotion = [0.1, 0.2]
    const policy = resolvePolicy({ promotion })
    promotion[0] = 0.9
    expect(policy.promotion).toEqual([0.1, 0.2])
    expect(Object.isFrozen(policy) && Object.isFrozen(policy.promotion)).toBe(true)
  })

  it.each<readonly [keyof EvidenceJudgeOptions, readonly unknown[]]>([
    ['alpha', [0, 0.5, 0.6, 1, -0.1, 5, Number.NaN, '0.05', null]],
    ['tolerable', [0, 1, 2, Number.NaN, '0.5', null]],
    ['promotion', [[], [0], [0.05, 1], [Number.NaN], ['0.05'], 0.05, '', null]],
    ['tickMs', [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '15000', null]],
    ['graceMs', [-1, Number.NaN, '1', null]],
    ['minStepMs', [-1, Number.NaN, '1', null]],
    ['minStepRequests', [-1, 0.5, Number.NaN, '1', null]],
    ['blockRequests', [0, 0.5, Number.NaN, '5', null]],
    ['meanBlockMs', [-1, Number.NaN, '5', null]],
    ['meanBlockRequests', [0, 1, 1.5, Number.NaN, '5', null]],
    ['thresholdWindows', [0, 1.5, Number.NaN, '11', null]],
    ['minWindows', [-1, 1.5, Number.NaN, '40', null]],
    ['cautiousDispersion', [0, 0.9, 1e9, Number.NaN, '3', null]],
    ['watchMs', [0, -1, Number.NaN, '1', null]],
  ])('refuses what %s cannot be, and says its name', (name, values) => {
    for (const value of values) {
      expect(() => resolvePolicy({ [name]: value })).toThrow('[INVALID_OPTION]')
      expect(() => resolvePolicy({ [name]: value })).toThrow(`evidenceJudge.${name}`)
    }
  })

  it('says how small alpha must be', () => {
    expect(() => resolvePolicy({ alpha: 0.5 })).toThrow('evidenceJudge.alpha must lie between 0 and 0.5, got 0.5')
    expect(resolvePolicy({ alpha: 0.499, tolerable: 0.99, promotion: [0.99] })).toMatchObject({ alpha: 0.499 })
  })

  it('refuses an option that it does not know', () => {
    expect(() => resolvePolicy({ aplha: 0.01 } as object)).toThrow('[UNKNOWN_OPTION]')
  })
})
