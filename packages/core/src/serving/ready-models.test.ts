import { describe, expect, it, vi } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import { always, errorOf, stage } from './stage.fixture.js'

const double = { baseline: (x: number) => x, canary: (x: number) => x * 2 }

describe('canary.models', () => {
  it.each<[code: string, models: unknown, options: unknown]>([
    ['MISSING_HANDLER', { baseline: double.baseline }, undefined],
    ['MISSING_HANDLER', { baseline: double.baseline, canary: 'v2' }, undefined],
    ['UNKNOWN_OPTION', { ...double, timeoutMs: 5 }, undefined],
    ['UNKNOWN_OPTION', double, { key: () => 'ann' }],
    ['INVALID_OPTION', double, { timeoutMs: 0 }],
    ['INVALID_OPTION', null, undefined],
    ['INVALID_OPTION', double, null],
  ])('refuses with %s %o with %o', async (code, models, options) => {
    const { canary } = await stage()
    expect(await errorOf(() => canary.models(models as never, options as never))).toMatchObject({ code })
  })

  it('serves a wrap, with the options that it was made with', async () => {
    const { canary, counts } = await stage()
    const models = canary.models(double, { predictionOf: String, validate: (output) => output < 10 })
    const predict = canary.wrap(models)
    expect([predict(4), predict(5)]).toEqual([8, 10])
    expect(counts()).toEqual({ 'v2 success': 1, 'v2 error': 1 })
    expect(canary.counts().canary.predictions.labels).toEqual([['8', 1]])
  })

  it('keeps its options; those of the wrap win if both name the same', async () => {
    const { canary, counts } = await stage()
    const models = canary.models(double, { validate: () => false, predictionOf: String })
    canary.wrap(models, { validate: () => true, key: String })(1)
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.counts().canary.predictions.labels).toEqual([['2', 1]])
  })

  it('does not change when its parts are changed', async () => {
    const { canary } = await stage()
    const parts = { ...double }
    const models = canary.models(parts)
    parts.canary = () => -1
    expect(canary.wrap(models)(2)).toBe(4)
    expect(Object.isFrozen(models)).toBe(true)
  })

  it.each(['baseline', 'canary'] as const)(
    'calls the %s as a method of the object that it came in',
    async (variant) => {
      const { canary } = await stage({ strategy: always(variant) })
      const models = { baseline: vi.fn(), canary: vi.fn() }
      const ready = canary.models(models)
      canary.wrap(ready)()
      canary.serve(canary.begin(), ready, ready)
      expect(models[variant].mock.contexts).toEqual([models, models])
      expect(models[variant].mock.contexts.every((holder) => holder === models)).toBe(true)
    },
  )

  it('can be served by any canary', async () => {
    const { canary } = await stage()
    const models = createCanary({ name: 'other', versions: { baseline: 'a', canary: 'b' } }).models(double)
    expect(canary.wrap(models)(1)).toBe(2)
  })
})
