import { describe, expect, it } from 'vitest'
import { pastOf, readPasts, type VersionPast, withPasts } from './version-past.js'

const DAY = 86_400_000
const past = (version: string, at = 0, learned: unknown = null): VersionPast => ({
  ...{ version, judge: 'evidence', at, windows: 40, learned },
})

describe('stored pasts', () => {
  it.each([
    undefined,
    null,
    'pasts',
    7,
    {},
    [null, 7, {}, { ...past('v1'), at: '0' }, { ...past('v1'), windows: null }],
  ])('are none in %j', (stored) => {
    expect(readPasts(stored)).toEqual([])
  })

  it('are two at most', () => {
    expect(readPasts([past('v1'), past('v2'), past('v3')])).toEqual([past('v1'), past('v2')])
  })

  it('are found by version and judge, and for seven days', () => {
    const stored = [past('v1'), past('v2', DAY)]
    expect(pastOf(stored, 'v2', 'evidence', 8 * DAY)).toEqual(past('v2', DAY))
    expect(pastOf(stored, 'v2', 'evidence', 8 * DAY + 1)).toBeUndefined()
    expect(pastOf(stored, 'v2', 'mine', DAY)).toBeUndefined()
    expect(pastOf(stored, 'v3', 'evidence', DAY)).toBeUndefined()
  })
})

describe('newer pasts', () => {
  it('replace those of their version, and the latest two are kept', () => {
    const stored = [past('v1', 1), past('v2', 2)]
    expect(withPasts(stored, [past('v2', 3)])).toEqual([past('v2', 3), past('v1', 1)])
    expect(withPasts(stored, [past('v3', 3)])).toEqual([past('v3', 3), past('v2', 2)])
  })
})
