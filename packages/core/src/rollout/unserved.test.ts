import { describe, expect, it } from 'vitest'
import { emptySummary, type Summary } from '../summaries/summary.js'
import { after, stored } from './rollout.fixture.js'
import { describeUnserved } from './unserved.js'

const arm = (begun: number, outcomes: Partial<Summary['outcomes']> = {}) => ({
  begun,
  outcomes: { ...emptySummary().outcomes, ...outcomes },
})

const served = arm(9, { success: 9 })

const step = (unit: 'key' | 'request') =>
  stored({ state: after([{ type: 'start' }, { type: 'warmed' }]), calibration: { unit } })

describe('the cause of a version without finished requests', () => {
  it('is the split, where no request has a key of its share', () => {
    const ofCanary = describeUnserved({ baseline: served, canary: arm(0) }, step('key'), true)
    expect(ofCanary).toMatch(/^no request has a key of its \d+ %/)
    const ofBaseline = describeUnserved({ baseline: arm(0), canary: served }, step('key'), true)
    expect(ofBaseline).toMatch(/^no request has a key of the baseline's \d+ %/)
  })

  it.each([
    ['requests are split', arm(0), 'request', true],
    ['another process splits them, because a version that is down looks the same', arm(0), 'key', false],
    ['it has begun some', arm(3), 'key', true],
  ] as const)('is unknown if %s', (_, nothing, unit, isSplitHere) => {
    expect(describeUnserved({ baseline: served, canary: nothing }, step(unit), isSplitHere)).toBe(undefined)
    expect(describeUnserved({ baseline: nothing, canary: served }, step(unit), isSplitHere)).toBe(undefined)
  })

  it('is unknown without counts', () => {
    expect(describeUnserved(null, step('key'), true)).toBe(undefined)
  })

  it('is their input, where the canary has rejected all of its requests', () => {
    const canary = arm(8, { rejected: 7 })
    expect(describeUnserved({ baseline: served, canary }, step('request'), false)).toBe(
      'all of its 7 requests were rejected because of their input',
    )
    const other = arm(9, { rejected: 7, success: 1 })
    expect(describeUnserved({ baseline: served, canary: other }, step('request'), false)).toBe(undefined)
  })
})
