import { describe, expect, it, vi } from 'vitest'
import { layersOf, withOverride } from './override.js'
import { randomStrategy } from './random.js'
import { stickyStrategy } from './sticky.js'
import type { RoutingRequest, Strategy } from './strategy.js'

const testers = ({ attributes }: RoutingRequest) => (attributes?.tester === true ? 'canary' : undefined)
const opposed = ({ attributes }: RoutingRequest) => (attributes?.optedOut === true ? 'baseline' : undefined)
const tester = { attributes: { tester: true } }
const both = { attributes: { tester: true, optedOut: true } }

describe('withOverride', () => {
  const strategy = withOverride(randomStrategy(), testers)

  it('carries the name and the unit of the inner strategy', async () => {
    expect(strategy).toMatchObject({ name: 'override(random)', unit: 'request' })
    expect(await withOverride(stickyStrategy({ salt: '' }), testers)).toMatchObject({
      name: 'override(sticky)',
      unit: 'key',
    })
  })

  it('forces some requests, at every weight, and leaves the others to the inner strategy', () => {
    expect([0, 50, 100].map((weight) => strategy.pick(tester, weight))).toEqual(['canary', 'canary', 'canary'])
    expect([0, 100].map((weight) => strategy.pick({}, weight))).toEqual(['baseline', 'canary'])
  })

  it('does not call the inner strategy for a forced request', () => {
    const inner: Strategy = { name: 'counting', unit: 'request', pick: vi.fn(() => 'baseline' as const) }
    withOverride(inner, testers).pick(tester, 50)
    expect(inner.pick).not.toHaveBeenCalled()
  })

  it('nests, and the outermost answer wins', () => {
    const nested = withOverride(withOverride(randomStrategy(), testers), opposed)
    expect(nested.name).toBe('override(override(random))')
    expect([nested.pick(both, 100), nested.pick(tester, 0), nested.pick({}, 0)]).toEqual([
      'baseline',
      'canary',
      'baseline',
    ])
  })

  it('passes invalid answers on to the router: only undefined lets the inner strategy decide', () => {
    expect(withOverride(randomStrategy(), () => null as never).pick({}, 100)).toBe(null)
    expect(withOverride(randomStrategy(), () => 'v2' as never).pick({}, 0)).toBe('v2')
  })

  it('returns a promise for a promise', async () => {
    const promised = withOverride(withOverride(stickyStrategy({ salt: '' }), testers), opposed)
    expect(promised).toBeInstanceOf(Promise)
    expect((await promised).pick({ key: 'user_456' }, 36)).toBe('canary')
    expect((await promised).pick(both, 100)).toBe('baseline')
  })

  it('rejects as the promise of the inner strategy does', async () => {
    await expect(withOverride(stickyStrategy({ salt: 7 as never }), testers)).rejects.toThrow('INVALID_OPTION')
    await expect(withOverride(Promise.resolve({} as Strategy), testers)).rejects.toThrow('INVALID_STRATEGY')
  })

  it('refuses immediately a forced that is not a function, and an invalid strategy', () => {
    expect(() => withOverride(randomStrategy(), 'canary' as never)).toThrow('INVALID_OPTION')
    expect(() => withOverride(undefined as never, testers)).toThrow('INVALID_STRATEGY')
    expect(() => withOverride({ name: 'odd', unit: 'request' } as Strategy, testers)).toThrow('INVALID_STRATEGY')
  })
})

describe('layersOf', () => {
  it('lists overrides from the outermost in, and finds the strategy that decides the rest', () => {
    const innermost = randomStrategy()
    const inside = withOverride(innermost, testers)
    const outside = withOverride(inside, opposed)
    expect(layersOf(outside)).toEqual({ overrides: [outside, inside], innermost })
    expect(layersOf(innermost)).toEqual({ overrides: [], innermost })
  })

  it('checks the shape of every layer', () => {
    const hollow = { name: 'hollow', unit: 'request', pick: () => 'baseline', forced: testers, inner: {} }
    expect(() => layersOf(hollow as never)).toThrow('INVALID_STRATEGY')
  })
})
