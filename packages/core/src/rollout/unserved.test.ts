import { describe, expect, it } from 'vitest'
import { emptySummary } from '../summaries/summary.js'
import { after, stored } from './rollout.fixture.js'
import { describeUnserved } from './unserved.js'

const counted = (begun: number, rejected = 0) => ({
  begun,
  outcomes: { ...emptySummary().outcomes, rejected },
})

const step = (unit: 'key' | 'request') =>
  stored({ state: after([{ type: 'start' }, { type: 'warmed' }]), calibration: { unit } })

describe('the cause of a canary without finished requests', () => {
  it('is the split, where no request has a key of its share', () => {
    expect(describeUnserved(counted(0), step('key'), true)).toMatch(/^no request has a key of its \d+ %/)
  })

  it.each([
    ['requests are split', counted(0), 'request', true],
    ['another process splits them, because a canary that is down looks the same', counted(0), 'key', false],
    ['the canary has begun some', counted(3), 'key', true],
    ['its counts are unknown', undefined, 'key', true],
  ] as const)('is unknown if %s', (_, canary, unit, isSplitHere) => {
    expect(describeUnserved(canary, step(unit), isSplitHere)).toBe(undefined)
  })

  it('is their input, where all of its requests were rejected', () => {
    expect(describeUnserved(counted(8, 7), step('request'), false)).toBe(
      'all of its 7 requests were rejected because of their input',
    )
  })
})
