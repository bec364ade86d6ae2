import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import { stickyStrategy } from '../routing/sticky.js'
import type { RoutingRequest, Strategy } from '../routing/strategy.js'
import { always, errorOf, stage } from './stage.fixture.js'

describe('the wrapped function', () => {
  it('answers a synchronous model synchronously', async () => {
    const { canary, counts } = await stage()
    const predict = canary.wrap({ baseline: (x: number) => x, canary: (x: number) => x * 2 })
    expect(predict(21)).toBe(42)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('hands all arguments to the variant that was picked', async () => {
    const { canary } = await stage({ strategy: always('baseline') })
    const predict = canary.wrap({ baseline: (...all: string[]) => all, canary: (..._all: string[]) => ['never'] })
    expect(predict('a', 'b', 'c')).toEqual(['a', 'b', 'c'])
  })

  it.each([{}, { context: true as const }, { fallback: true }])('passes the caller’s this with %o', async (options) => {
    const { canary } = await stage()
    function model(this: { readonly name: string } | undefined) {
      return this?.name
    }
    const service = {
      name: 'ann',
      predict: canary.wrap({ baseline: model, canary: model } as never, options as never) as () => unknown,
    }
    expect(service.predict()).toBe('ann')
  })

  it.each(
    [{}, { context: true as const }].flatMap((options) => [
      ['baseline', options] as const,
      ['canary', options] as const,
    ]),
  )('calls the %s as a method of the object that it came in, with %o', async (variant, options) => {
    const { canary } = await stage({ strategy: always(variant) })
    class Models {
      readonly baseline = vi.fn()
      readonly canary = vi.fn()
      ask() {}
    }
    const models = new Models()
    canary.wrap(models, options as never)()
    expect(models[variant].mock.contexts[0]).toBe(models)
  })

  it.each(['wrap', 'models'] as const)('keeps an instance as this wherever the function is stored: %s', async (way) => {
    const { canary, counts } = await stage()
    class Models {
      readonly #name = 'ann'
      readonly loaded = true // another member of an instance is not an option
      baseline() {
        return `v1 ${this.#name}`
      }
      canary() {
        return `v2 ${this.#name}`
      }
    }
    const models = new Models()
    const predict = canary.wrap(way === 'wrap' ? models : canary.models(models))
    const service = { predict }
    expect(service.predict()).toBe('v2 ann')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('refuses another member of a literal, which may be a mistaken option', async () => {
    const { canary } = await stage()
    const literal = { baseline: () => 1, canary: () => 2, timeoutMs: 5 }
    expect(await errorOf(() => canary.wrap(literal as never))).toMatchObject({ code: 'UNKNOWN_OPTION' })
    const bare = Object.assign(Object.create(null), literal)
    expect(await errorOf(() => canary.wrap(bare as never))).toMatchObject({ code: 'UNKNOWN_OPTION' })
  })

  it('passes it to the baseline that answers for the canary, too', async () => {
    const { canary } = await stage()
    const models = { baseline: vi.fn(() => 'v1'), canary: (): string => { throw new Error('broken') } } // biome-ignore format: short
    canary.wrap(models, { context: true, fallback: true })()
    expect(models.baseline.mock.contexts[0]).toBe(models)
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a frozen object', Object.freeze({ label: 'x' })],
    ['a function', () => 'x'],
    ['an object whose then is no function', JSON.parse('{"then":"later"}')],
  ])('gives back %s itself', async (_, output) => {
    const { canary, counts } = await stage()
    expect(canary.wrap({ baseline: () => output, canary: () => output })()).toBe(output)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('counts an asynchronous call when it settles, with the time that it took', async () => {
    const { canary, clock, counts } = await stage()
    let answer = (_: string) => {}
    const predict = canary.wrap({
      baseline: async () => '',
      canary: () => new Promise<string>((resolve) => (answer = resolve)),
    })
    const output = predict()
    await clock.advance(250)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    answer('later')
    expect(await output).toBe('later')
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.metrics().v2.avgLatencyMs).toBe(250)
  })

  it.each([new Error('broken'), 'a string', undefined, Object.create(null)])(
    'throws the very same %o',
    async (error) => {
      const { canary, counts } = await stage()
      const throwing = (): never => {
        throw error
      }
      const rejecting = async () => throwing()
      expect(await errorOf(canary.wrap({ baseline: throwing, canary: throwing }))).toBe(error)
      expect(await errorOf(canary.wrap({ baseline: rejecting, canary: rejecting }))).toBe(error)
      expect(counts()).toEqual({ 'v2 error': 2 })
    },
  )

  it('causes one unhandled rejection if the caller does not handle the rejection', async () => {
    const { canary } = await stage()
    const error = new Error('nobody looks')
    const predict = canary.wrap({ baseline: async () => 1, canary: () => Promise.reject(error) })
    expect(await unhandledIn(() => void predict())).toEqual([error])
  })

  it('creates no rejection of its own beside the one that the caller handles', async () => {
    const { canary } = await stage()
    const predict = canary.wrap({ baseline: async () => 1, canary: async () => Promise.reject(new Error('handled')) })
    expect(await unhandledIn(() => predict().catch(() => {}))).toEqual([])
  })
})

describe('a thenable that is not a promise', () => {
  type Then = (resolve: (value: string) => void, reject: (error: unknown) => void) => void
  const thenable = (then: Then) => Object.defineProperty({}, 'then', { value: then }) as PromiseLike<string>

  it('is asked for its result once, and comes back as a promise', async () => {
    const { canary, counts } = await stage()
    const then = vi.fn<Then>((resolve) => resolve('lazy'))
    const query = thenable(then)
    const output = canary.wrap({ baseline: () => query, canary: () => query })()
    expect(await output).toBe('lazy')
    expect(await output).toBe('lazy')
    expect(then).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('may throw from its then', async () => {
    const { canary, counts } = await stage()
    const error = new Error('no connection')
    const query = thenable(() => {
      throw error
    })
    expect(await errorOf(canary.wrap({ baseline: () => query, canary: () => query }))).toBe(error)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('may settle twice, and is counted once', async () => {
    const { canary, counts } = await stage()
    const query = thenable((resolve, reject) => {
      resolve('first')
      resolve('second')
      reject(new Error('third'))
    })
    expect(await canary.wrap({ baseline: () => query, canary: () => query })()).toBe('first')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })
})

describe('the key and the attributes', () => {
  const recording = () => {
    const requests: RoutingRequest[] = []
    const strategy: Strategy = {
      name: 'recording',
      unit: 'request',
      pick: (request) => {
        requests.push({ ...request })
        return 'canary'
      },
    }
    return { requests, strategy }
  }
  const echo = { baseline: (x: { user: string }) => x, canary: (x: { user: string }) => x }

  it('are read from the input', async () => {
    const { requests, strategy } = recording()
    const { canary } = await stage({ strategy })
    canary.wrap(echo, { key: ({ user }) => user, attributes: ({ user }) => ({ long: user.length > 3 }) })({
      user: 'ann',
    })
    expect(requests).toEqual([{ key: 'ann', attributes: { long: false } }])
  })

  it('that throw are counted, each by itself, and the call goes on without them', async () => {
    const { requests, strategy } = recording()
    const { canary, counts, failures } = await stage({ strategy })
    const input = { user: 'ann' }
    const predict = canary.wrap(echo, {
      key: ({ user }) => user,
      attributes: () => {
        throw new Error('no such attribute')
      },
    })
    expect(predict(input)).toBe(input)
    expect(requests).toEqual([{ key: 'ann', attributes: undefined }])
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(failures()).toEqual({ KEY_FAILED: 1 })
  })

  it('that cannot be read send a call to the baseline with a strategy that needs a key', async () => {
    const { canary, counts, failures } = await stage({ strategy: stickyStrategy({ salt: '' }) })
    const predict = canary.wrap(echo, { key: (input) => (input as unknown as { account: { id: string } }).account.id })
    predict({ user: 'ann' })
    expect(counts()).toEqual({ 'v1 success': 1 })
    expect(failures()).toEqual({ KEY_FAILED: 1 })
  })

  it('that are promises are counted, and their rejection is handled', async () => {
    const { canary, failures } = await stage()
    const predict = canary.wrap(echo, { key: (async () => Promise.reject(new Error('late'))) as never })
    expect(await unhandledIn(() => predict({ user: 'ann' }))).toEqual([])
    expect(failures()).toEqual({ KEY_FAILED: 1 })
  })
})
