import { afterEach, describe, expect, it, vi } from 'vitest'
import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { withOverride } from './override.js'
import { createRouter } from './router.js'
import { stickyStrategy } from './sticky.js'
import type { RoutingRequest, Strategy } from './strategy.js'

const versions = { baseline: 'v1', canary: 'v2' } as const
const sticky = await stickyStrategy({ salt: '' })
const user456 = { key: 'user_456' }

const answering = (answer: unknown, unit: Strategy['unit'] = 'request'): Strategy => ({
  name: 'custom',
  unit,
  pick: () => answer as 'canary',
})

describe('while the split is inactive', () => {
  const onInternalError = vi.fn()
  afterEach(() => onInternalError.mockReset())

  const raise = (): never => {
    throw new Error('no such table')
  }

  it.each<[string, Strategy, RoutingRequest]>([
    ['bucketOf throws', { ...sticky, bucketOf: raise } as Strategy, user456],
    ['a bucket is none', { ...sticky, bucketOf: () => 10_000 } as Strategy, user456],
    ['an override throws', withOverride(sticky, raise), user456],
    ['an override returns anything else', withOverride(sticky, () => 'v2' as never), user456],
    ['the key is an object', sticky, { key: {} as never }],
  ])('the first failure is reported, and the request has no bucket: %s', (_, strategy, request) => {
    const router = createRouter({ versions, strategy, onInternalError })
    for (let call = 0; call < 3; call++) {
      const assignment = router.assign(request)
      expect(assignment).toMatchObject({ variant: 'baseline', version: 'v1', reason: 'disabled' })
      expect(assignment).not.toHaveProperty('bucket')
    }
    expect(onInternalError).toHaveBeenCalledTimes(1)
    expect(onInternalError.mock.calls[0]![0]).toMatchObject({
      code: expect.stringMatching(/STRATEGY_FAILED|INVALID_KEY/),
    })
    router.apply({ active: true, weight: 100 })
    for (let call = 0; call < 3; call++) router.assign(request)
    expect(onInternalError).toHaveBeenCalledTimes(4) // from then on, every failure changes where a request goes
  })

  it('the first failure of each strategy is reported', () => {
    const router = createRouter({ versions, strategy: withOverride(sticky, raise), onInternalError })
    for (let call = 0; call < 3; call++) router.assign(user456)
    router.adopt(withOverride(sticky, raise))
    for (let call = 0; call < 3; call++) router.assign(user456)
    expect(onInternalError).toHaveBeenCalledTimes(2)
  })

  it('the rejection of an asynchronous override does not end the process', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const strategy = withOverride(sticky, () => Promise.reject(new Error('late')) as never)
    expect(createRouter({ versions, strategy, onInternalError }).assign(user456).reason).toBe('disabled')
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('assign never throws', () => {
  const onInternalError = vi.fn()
  afterEach(() => onInternalError.mockReset())

  const failing = (strategy: Strategy, request?: RoutingRequest) => {
    const assignment = createRouter({ versions, strategy, weight: 100, onInternalError }).assign(request)
    expect(assignment).toMatchObject({ id: 1, variant: 'baseline', version: 'v1', reason: 'strategy-error' })
    expect(onInternalError).toHaveBeenCalledTimes(1)
    const error: unknown = onInternalError.mock.calls[0]![0]
    if (!isCanaryError(error)) throw new Error('expected a CanaryError')
    return error
  }

  it('when the strategy throws, and keeps the cause', () => {
    const cause = new Error('no such table')
    const strategy: Strategy = {
      name: 'broken',
      unit: 'request',
      pick: () => {
        throw cause
      },
    }
    const error = failing(strategy)
    expect(error).toMatchObject({ code: 'STRATEGY_FAILED', cause })
    expect(error.message).toContain('"broken"')
  })

  it.each([
    undefined,
    null,
    'v2',
    'Canary',
    '',
    true,
    1,
    Number.NaN,
    Symbol('canary'),
    ['canary'],
    Object.create(null),
  ])('when the strategy returns %o', (answer) => {
    expect(failing(answering(answer))).toMatchObject({ code: 'STRATEGY_FAILED' })
  })

  it('when the strategy is asynchronous, and its rejection does not end the process', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    expect(failing(answering(Promise.reject(new Error('late'))))).toMatchObject({ code: 'STRATEGY_FAILED' })
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it.each([-1, 10_000, 0.5, Number.NaN, '7', null])('when a bucket is %o', (bucket) => {
    const strategy = { ...sticky, bucketOf: () => bucket as number }
    expect(failing(strategy, user456)).toMatchObject({ code: 'STRATEGY_FAILED' })
  })

  it.each([null, 'v2', true, 0, Promise.resolve('canary')])('when an override returns %o', (answer) => {
    expect(
      failing(
        withOverride(sticky, () => answer as never),
        user456,
      ),
    ).toMatchObject({ code: 'STRATEGY_FAILED' })
  })

  it('when an override throws', () => {
    const cause = new TypeError('attributes is undefined')
    const forced = () => {
      throw cause
    }
    expect(failing(withOverride(sticky, forced), user456)).toMatchObject({ code: 'STRATEGY_FAILED', cause })
  })

  it.each([false, {}, [], Symbol('a'), () => 'ann', 'x'.repeat(1_025), 'lone \ud83d'])('when the key is %o', (key) => {
    expect(failing(sticky, { key: key as string })).toMatchObject({ code: 'INVALID_KEY' })
  })

  it('when the key is an object, with any strategy that needs one', () => {
    expect(failing(answering('canary', 'key'), { key: { id: 42 } as never })).toMatchObject({ code: 'INVALID_KEY' })
  })

  it('when reading the request throws', () => {
    const hostile = {
      get key(): string {
        throw new Error('revoked')
      },
    }
    expect(failing(sticky, hostile)).toMatchObject({ code: 'STRATEGY_FAILED' })
  })

  it('when the thrown value cannot be inspected', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const strategy: Strategy = {
      name: 'hostile',
      unit: 'request',
      pick: () => {
        throw proxy
      },
    }
    const router = createRouter({ versions, strategy, weight: 100, onInternalError })
    expect(router.assign()).toMatchObject({ variant: 'baseline', reason: 'strategy-error' })
  })

  it('for a request that is null', () => {
    const router = createRouter({ versions, strategy: sticky, weight: 50, onInternalError })
    expect(router.assign(null as never)).toMatchObject({ variant: 'baseline', reason: 'no-key' })
    expect(onInternalError).not.toHaveBeenCalled()
  })

  it('when its listener throws, rejects, or is missing', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const listeners = [
      undefined,
      () => {
        throw new Error('log is full')
      },
      async () => {
        throw new Error('log is far')
      },
    ]
    for (const listener of listeners) {
      const router = createRouter({ versions, strategy: answering('v2'), weight: 10, onInternalError: listener })
      expect(router.assign()).toMatchObject({ variant: 'baseline', reason: 'strategy-error' })
    }
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('and passes on an error of this library as it is', () => {
    const own = new CanaryError('INVALID_KEY', 'a key of this service has two parts')
    const strategy: Strategy = {
      name: 'strict',
      unit: 'key',
      pick: () => {
        throw own
      },
    }
    expect(failing(strategy, user456)).toBe(own)
  })
})
