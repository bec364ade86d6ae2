import { describe, expect, it, vi } from 'vitest'
import { exactStrategy } from './exact.js'
import { withOverride } from './override.js'
import { randomStrategy } from './random.js'
import { createRouter, type RouterOptions } from './router.js'
import { stickyStrategy } from './sticky.js'
import type { BucketStrategy, RoutingRequest, Strategy } from './strategy.js'

const versions = { baseline: 'v1', canary: 'v2' } as const
const sticky = await stickyStrategy({ salt: '' })
const user456 = { key: 'user_456' } // bucket 3544 without a salt
const testers = ({ attributes }: RoutingRequest) => (attributes?.tester === true ? 'canary' : undefined)
const tester = { key: 'user_456', attributes: { tester: true } }

const answering = (answer: unknown, unit: Strategy['unit'] = 'request'): Strategy => ({
  name: 'custom',
  unit,
  pick: () => answer as 'canary',
})

describe('assign', () => {
  it('returns the decision and its reason as plain data', () => {
    const router = createRouter({ versions, strategy: answering('canary'), weight: 10 })
    const assignment = router.assign({})
    expect(assignment).toEqual({
      id: 1,
      variant: 'canary',
      version: 'v2',
      weight: 10,
      reason: 'split',
      epoch: 1,
      step: 1,
    })
    expect(JSON.parse(JSON.stringify(assignment))).toEqual(assignment)
  })

  it('numbers its assignments from 1 up, whatever their reason', () => {
    const router = createRouter({ versions, strategy: sticky, weight: 10 })
    const ids = [router.assign(user456), router.assign({}), router.assign({ key: 42 } as never)].map(({ id }) => id)
    router.apply({ active: false })
    expect([...ids, router.assign().id]).toEqual([1, 2, 3, 4])
  })

  it('returns the bucket of a key, and hashes the key once', () => {
    const bucketOf = vi.fn(sticky.bucketOf)
    const pick = vi.fn(sticky.pick)
    const strategy: BucketStrategy = { ...sticky, bucketOf, pick }
    const router = createRouter({ versions, strategy, weight: 35.45 })
    expect(router.assign(user456)).toMatchObject({ variant: 'canary', version: 'v2', reason: 'split', bucket: 3544 })
    expect([bucketOf.mock.calls.length, pick.mock.calls.length]).toEqual([1, 0])
    router.apply({ weight: 35.44 })
    expect(router.assign(user456)).toMatchObject({ variant: 'baseline', version: 'v1', reason: 'split', bucket: 3544 })
  })

  it('splits without a key if the strategy does not need one', () => {
    const router = createRouter({ versions, strategy: exactStrategy(), weight: 50 })
    expect([router.assign(), router.assign()].map(({ reason, version }) => `${reason} ${version}`)).toEqual([
      'split v2',
      'split v1',
    ])
  })

  it('gives the reason no-key if the strategy needs a key, and lets the strategy decide', () => {
    const router = createRouter({ versions, strategy: sticky, weight: 99 })
    for (const request of [undefined, {}, { key: '' }, { key: undefined }, { key: null as never }]) {
      expect(router.assign(request)).toMatchObject({ variant: 'baseline', reason: 'no-key' })
      expect(router.assign(request)).not.toHaveProperty('bucket')
    }
    router.adopt(answering('canary', 'key'))
    expect(router.assign({})).toMatchObject({ variant: 'canary', reason: 'no-key' })
    expect(router.assign({ key: 'a' })).toMatchObject({ variant: 'canary', reason: 'split' })
  })

  it('passes the weight and the request on to the strategy', () => {
    const pick = vi.fn(() => 'baseline' as const)
    const request = { key: 'a', attributes: { country: 'NO' } }
    createRouter({ versions, strategy: { name: 'custom', unit: 'request', pick }, weight: 12.5 }).assign(request)
    expect(pick).toHaveBeenCalledWith(request, 12.5)
  })

  it('keeps the `this` of a strategy whose methods need it', () => {
    const strategy = {
      name: 'self-contained',
      unit: 'request' as const,
      favourite: 'canary' as const,
      pick() {
        return this.favourite
      },
    }
    expect(createRouter({ versions, strategy, weight: 10 }).assign()).toMatchObject({ variant: 'canary' })
  })
})

describe('overrides', () => {
  const strategy = withOverride(sticky, testers)

  it('go before the strategy, at every weight', () => {
    const router = createRouter({ versions, strategy, weight: 0 })
    expect(router.assign(tester)).toMatchObject({ variant: 'canary', version: 'v2', reason: 'override', weight: 0 })
    expect(router.assign(tester)).not.toHaveProperty('bucket')
    expect(router.assign(user456)).toMatchObject({ variant: 'baseline', reason: 'split', bucket: 3544 })
  })

  it('are called from the outermost in', () => {
    const nested = withOverride(strategy, ({ key }) => (key === 'user_456' ? 'baseline' : undefined))
    const router = createRouter({ versions, strategy: nested, weight: 100 })
    expect(router.assign(tester)).toMatchObject({ variant: 'baseline', reason: 'override' })
    expect(router.assign({ ...tester, key: 'b' })).toMatchObject({ variant: 'canary', reason: 'override' })
    expect(router.assign({ key: 'b' })).toMatchObject({ variant: 'canary', reason: 'split' })
  })

  it('are called once for a request', () => {
    const forced = vi.fn(() => undefined)
    createRouter({ versions, strategy: withOverride(randomStrategy(), forced), weight: 50 }).assign(user456)
    expect(forced).toHaveBeenCalledTimes(1)
  })
})

describe('a value that does not count as a key', () => {
  const fussy: Strategy = { name: 'fussy', unit: 'key', pick: ({ key }) => (key === undefined ? 'baseline' : 'canary') }
  const none = ['undefined', 'null', 'NaN', '[object Object]', '[object Promise]', '', '  ', Number.NaN, -Infinity]

  it.each([['sticky', sticky] as const, ['a custom strategy', fussy] as const])(
    'is none for %s, and told of once a router, the first of them',
    (_, strategy) => {
      const onNoKey = vi.fn()
      const router = createRouter({ versions, strategy, weight: 50, onNoKey })
      expect(router.assign({ key: undefined }).reason).toBe('no-key')
      expect(router.assign({ key: null }).reason).toBe('no-key')
      expect(onNoKey).not.toHaveBeenCalled()
      expect(none.map((key) => router.assign({ key }).reason)).toEqual(none.map(() => 'no-key'))
      expect(onNoKey.mock.calls).toEqual([['undefined']])
    },
  )

  it('does not include longer texts that begin or end with such a value', () => {
    const router = createRouter({ versions, strategy: sticky, weight: 50 })
    const users = ['undefined-1', 'Nullmeier', ' ann', 'x[object Object]', '0']
    expect(users.map((key) => router.assign({ key }).reason)).toEqual(users.map(() => 'split'))
  })

  it('does not matter to a strategy that needs no key', () => {
    const onNoKey = vi.fn()
    const router = createRouter({ versions, strategy: randomStrategy(), weight: 50, onNoKey })
    expect(router.assign({ key: 'undefined' }).reason).toBe('split')
    expect(router.assign({ key: {} as never }).reason).toBe('split')
    expect(onNoKey).not.toHaveBeenCalled()
  })

  it('does not fail the request if its listener throws', () => {
    const onNoKey = () => {
      throw new Error('log is full')
    }
    const router = createRouter({ versions, strategy: sticky, weight: 50, onNoKey })
    expect(router.assign({ key: 'null' })).toMatchObject({ variant: 'baseline', reason: 'no-key' })
  })
})

it('gives strategies and overrides a number as text, and the rest of the request as it is', () => {
  const seen: unknown[] = []
  const forced = (request: RoutingRequest) => {
    seen.push(request)
    return undefined
  }
  const attributes = { tenant: 'a' }
  const router = createRouter({ versions, strategy: withOverride(randomStrategy(), forced), weight: 50 })
  router.assign({ key: 42n, attributes })
  expect(seen).toEqual([{ key: '42', attributes }])
})

describe('an inactive router', () => {
  it('sends every request to the baseline: forced requests, sticky users, and users who were on the canary', () => {
    const router = createRouter({ versions, strategy: withOverride(sticky, testers), weight: 100 })
    const requests = [user456, tester, {}, { key: 'user_123' }]
    expect(requests.map((request) => router.assign(request).variant)).toEqual(requests.map(() => 'canary'))
    router.apply({ active: false })
    for (const request of requests) {
      expect(router.assign(request)).toMatchObject({ variant: 'baseline', version: 'v1', reason: 'disabled' })
    }
    router.apply({ active: true })
    expect(requests.map((request) => router.assign(request).variant)).toEqual(requests.map(() => 'canary'))
  })

  it('has the bucket of the key all the same, which is that of the rollout', () => {
    const router = createRouter({ versions, strategy: sticky, weight: 10 })
    const { bucket } = router.assign(user456)
    router.apply({ active: false })
    expect(bucket).toBe(sticky.bucketOf(user456))
    expect(router.assign(user456)).toEqual({
      ...{ id: 2, variant: 'baseline', version: 'v1', weight: 10, reason: 'disabled', epoch: 1, step: 1 },
      bucket,
    })
  })

  it('has no bucket without a key, before a strategy is adopted, and with a strategy without buckets', () => {
    const router = createRouter({ versions })
    expect(router.assign(user456)).not.toHaveProperty('bucket')
    router.adopt(answering('canary'))
    expect(router.assign(user456)).not.toHaveProperty('bucket')
    router.adopt(sticky)
    expect(router.assign(user456)).toMatchObject({ reason: 'disabled', bucket: sticky.bucketOf(user456) })
    for (const request of [undefined, null as never, {}, { key: '' }, { key: 'undefined' }]) {
      const assignment = router.assign(request)
      expect(assignment).toMatchObject({ variant: 'baseline', reason: 'disabled' })
      expect(assignment).not.toHaveProperty('bucket')
    }
  })

  it('has no bucket for requests that an override would force, to whatever variant', () => {
    for (const variant of ['baseline', 'canary'] as const) {
      const outer = withOverride(sticky, ({ key }) => (key === 'tester' ? variant : undefined))
      const router = createRouter({ versions, strategy: withOverride(outer, () => undefined) })
      expect(router.assign({ key: 'tester' })).toMatchObject({ variant: 'baseline', reason: 'disabled' })
      expect(router.assign({ key: 'tester' })).not.toHaveProperty('bucket')
      expect(router.assign(user456)).toHaveProperty('bucket')
    }
  })

  it('says nothing about an invalid key, which is told when the split is active', () => {
    const onNoKey = vi.fn()
    const router = createRouter({ versions, strategy: sticky, onNoKey })
    router.assign({ key: 'undefined' })
    expect(onNoKey).not.toHaveBeenCalled()
    router.apply({ active: true })
    router.assign({ key: 'undefined' })
    expect(onNoKey).toHaveBeenCalledTimes(1)
  })

  it('calls neither the overrides nor the strategy, if that has no buckets', () => {
    const forced = vi.fn()
    const pick = vi.fn()
    const strategy = withOverride({ name: 'custom', unit: 'request', pick }, forced)
    const router = createRouter({ versions, strategy, weight: 50 })
    router.apply({ active: false })
    router.assign(user456)
    expect([forced.mock.calls, pick.mock.calls]).toEqual([[], []])
  })

  it('is the initial state of a router without a weight', () => {
    const router = createRouter({ versions, strategy: answering('canary') })
    expect(router.split).toEqual({ weight: 0, epoch: 1, step: 0, active: false })
    expect(router.assign()).toMatchObject({ variant: 'baseline', reason: 'disabled' })
  })

  it('is also the state of a router until it has a strategy', () => {
    const router = createRouter({ versions, weight: 100 })
    expect(router.assign(user456)).toMatchObject({ variant: 'baseline', reason: 'disabled' })
    router.adopt(sticky)
    expect(router.assign(user456)).toMatchObject({ variant: 'canary', reason: 'split' })
  })
})

describe('apply', () => {
  it('changes what it is given and keeps the rest', () => {
    const router = createRouter({ versions, strategy: answering('canary'), weight: 10 })
    expect(router.split).toEqual({ weight: 10, epoch: 1, step: 1, active: true })
    router.apply({ weight: 25, step: 2 })
    expect(router.split).toEqual({ weight: 25, epoch: 1, step: 2, active: true })
    router.apply({ epoch: 2, step: 0, weight: 0 })
    expect(router.assign()).toMatchObject({ weight: 0, epoch: 2, step: 0 })
  })

  it('is the only way to change the split, also of a router that a store has frozen', () => {
    const router = Object.freeze(createRouter({ versions, strategy: randomStrategy(), weight: 0 }))
    expect(() => Object.assign(router, { split: { weight: 100 } })).toThrow(TypeError)
    expect(() => Object.assign({ ...router }, { split: undefined })).not.toThrow()
    router.apply({ weight: 100 })
    expect(router.split).toEqual({ weight: 100, epoch: 1, step: 1, active: true })
    expect(router.assign().variant).toBe('canary')
  })

  it('refuses an invalid change as a whole', () => {
    const router = createRouter({ versions, strategy: answering('canary'), weight: 10 })
    expect(() => router.apply({ step: 2, weight: 150 })).toThrow('INVALID_WEIGHT')
    expect(() => router.apply({ step: 2, weight: Number.NaN })).toThrow('INVALID_WEIGHT')
    expect(() => router.apply({ weight: 20, step: 1.5 })).toThrow('INVALID_OPTION')
    expect(() => router.apply({ weight: 20, epoch: -1 })).toThrow('INVALID_OPTION')
    expect(() => router.apply({ weight: 20, active: 'no' as never })).toThrow('INVALID_OPTION')
    expect(() => router.apply({ wieght: 20 } as object)).toThrow('UNKNOWN_OPTION')
    expect(router.split).toEqual({ weight: 10, epoch: 1, step: 1, active: true })
  })

  it('does not affect a decision in progress', () => {
    const router = createRouter({ versions, weight: 10 })
    router.adopt({
      name: 'meddling',
      unit: 'request',
      pick: () => {
        router.apply({ weight: 50, step: 2 })
        return 'canary'
      },
    })
    expect(router.assign()).toMatchObject({ weight: 10, step: 1 })
    expect(router.assign()).toMatchObject({ weight: 50, step: 2 })
  })
})

describe('createRouter', () => {
  const refused = (options: unknown) => () => createRouter(options as RouterOptions)

  it('refuses unknown options', () => {
    expect(refused(undefined)).toThrow('INVALID_OPTION')
    expect(refused({ versions, wieght: 10 })).toThrow('UNKNOWN_OPTION')
    expect(refused({ versions: { ...versions, shadow: 'v3' } })).toThrow('UNKNOWN_OPTION')
    expect(refused({ versions, onInternalError: 'console' })).toThrow('INVALID_OPTION')
  })

  it('refuses invalid version names and equal versions', () => {
    for (const canary of [undefined, '', 2, '__proto__', 'v\n2', 'x'.repeat(65)]) {
      expect(refused({ versions: { baseline: 'v1', canary } })).toThrow('INVALID_VERSION')
      expect(refused({ versions: { baseline: canary, canary: 'v2' } })).toThrow('INVALID_VERSION')
    }
    expect(refused({ versions: { baseline: 'v1', canary: 'v1' } })).toThrow('SAME_VERSION')
    expect(refused({ versions: { baseline: 'é', canary: 'e\u0301' } })).toThrow('SAME_VERSION')
    for (const canary of ['v1 ', ' v2', 'v2\u00a0', '\u202ev1'])
      expect(refused({ versions: { baseline: 'v1', canary } })).toThrow('INVALID_VERSION')
  })

  it('refuses a weight that is not a percentage', () => {
    for (const weight of [150, -1, Number.NaN, '10', 0.001, null]) {
      expect(refused({ versions, weight })).toThrow('INVALID_WEIGHT')
    }
  })

  it('treats a weight of 0 as a weight: active, with an empty canary', () => {
    const router = createRouter({ versions, strategy: randomStrategy(), weight: 0 })
    expect(router.assign()).toMatchObject({ variant: 'baseline', reason: 'split', weight: 0 })
  })

  it('refuses a strategy without the shape of one, and keeps the one it has', () => {
    const router = createRouter({ versions, strategy: answering('canary'), weight: 10 })
    const shapeless = [
      null,
      'random',
      () => 'canary',
      {},
      { name: '', unit: 'request', pick() {} },
      { name: 'a', unit: 'user', pick() {} },
      { name: 'a', unit: 'key' },
      Promise.resolve(randomStrategy()),
    ]
    for (const strategy of shapeless) {
      expect(refused({ versions, strategy })).toThrow('INVALID_STRATEGY')
      expect(() => router.adopt(strategy as Strategy)).toThrow('INVALID_STRATEGY')
    }
    expect(router.assign()).toMatchObject({ variant: 'canary', reason: 'split' })
  })
})
