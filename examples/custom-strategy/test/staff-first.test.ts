import { createRouter } from '@model-canary/core'
import { seededRandom, strategyContract } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { staffFirst } from '../src/staff-first.js'

strategyContract({ it }, 'staff first', () => staffFirst({ salt: 'contract', opensAt: { US: 50 } }), { sticky: true })

describe('staff', () => {
  const staff = { key: 'ada', attributes: { staff: true, country: 'US' } }

  it('are on the canary before anybody else, and are no evidence', async () => {
    const strategy = await staffFirst({ salt: 'x', opensAt: { US: 50 } })
    const router = createRouter({ versions: { baseline: 'v1', canary: 'v2' }, strategy, weight: 0.01 })
    expect(router.assign(staff)).toMatchObject({ version: 'v2', reason: 'override' })
  })

  it('go back to the baseline with everybody else when the canary is switched off', async () => {
    const strategy = await staffFirst({ salt: 'x' })
    const router = createRouter({ versions: { baseline: 'v1', canary: 'v2' }, strategy, weight: 50 })
    router.apply({ active: false })
    expect(router.assign(staff)).toMatchObject({ version: 'v1', reason: 'disabled' })
  })
})

describe('a country that waits', () => {
  const random = seededRandom(1)
  const people = Array.from({ length: 10_000 }, () => `user-${Math.floor(random() * 1e9)}`)
  const share = async (country: string, weight: number) => {
    const strategy = await staffFirst({ salt: 'x', opensAt: { US: 50 } })
    const picked = people.filter((key) => strategy.pick({ key, attributes: { country } }, weight) === 'canary')
    return picked.length / people.length
  }

  it('sends nobody to the canary before its weight', async () => {
    expect(await share('US', 49.99)).toBe(0)
  })

  it('sends its whole share from its weight on', async () => {
    expect(await share('US', 50)).toBeCloseTo(0.5, 1)
    expect(await share('US', 100)).toBe(1)
  })

  it('does not keep the others waiting', async () => {
    expect(await share('NZ', 10)).toBeCloseTo(0.1, 1)
  })

  it('cannot wait for ever', async () => {
    await expect(staffFirst({ salt: 'x', opensAt: { US: 101 } })).rejects.toThrow('US opens at 101')
    await expect(staffFirst({ salt: 'x', opensAt: { US: Number.NaN } })).rejects.toThrow(RangeError)
  })
})
