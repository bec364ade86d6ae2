import { describe, expect, it, vi } from 'vitest'
import type { ModelContext } from './model-context.js'
import { always, errorOf, stage } from './stage.fixture.js'

const hang = () => new Promise<string>(() => {})

/** A canary that notes its context, and a baseline that does too. */
async function contextsOf(canaryModel: () => unknown, baseline: () => unknown, fallback = true) {
  const staged = await stage()
  const contexts: ModelContext[] = []
  const noted = (model: () => unknown) => (_x: string, context: ModelContext) => {
    contexts.push(context)
    return model()
  }
  const models = { baseline: noted(baseline), canary: noted(canaryModel) }
  const options = { context: true, fallback, timeoutMs: 50 } as const
  return { ...staged, contexts, predict: staged.canary.wrap(models, options) }
}

describe('with context: true, a model', () => {
  it.each(['baseline', 'canary'] as const)('gets its variant after its input: %s', async (variant) => {
    const { canary } = await stage({ strategy: always(variant) })
    const model = vi.fn((_x: string, _context: ModelContext) => 1)
    canary.wrap({ baseline: model, canary: model }, { context: true })('a')
    const version = variant === 'canary' ? 'v2' : 'v1'
    expect(model.mock.calls).toEqual([['a', { signal: expect.any(AbortSignal), variant, version }]])
    expect(model.mock.calls[0]?.[1].signal.aborted).toBe(false)
  })

  it('gets an aborted signal when its time is up', async () => {
    const { predict, contexts, clock } = await contextsOf(hang, hang, false)
    const failed = errorOf(() => predict('a'))
    await clock.advance(50)
    await failed
    expect(contexts.map(({ signal }) => signal.reason.code)).toEqual(['MODEL_TIMEOUT'])
  })

  it('gets an aborted signal when the baseline answers instead; the baseline does when its time is up', async () => {
    const { predict, contexts, clock } = await contextsOf(() => Promise.reject(new Error('canary broke')), hang)
    const failed = errorOf(() => predict('a'))
    await clock.advance(0)
    expect(contexts.map(({ signal, variant, version }) => [variant, version, signal.aborted])).toEqual([['canary', 'v2', true], ['baseline', 'v1', false]]) // biome-ignore format: short
    await clock.advance(50)
    await failed
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, true])
  })

  it('gets an aborted signal when the reader of its stream leaves', async () => {
    async function* words() {
      yield 'a'
      yield 'b'
    }
    const { predict, contexts } = await contextsOf(words, words)
    for await (const _ of predict('a') as AsyncIterable<string>) break
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true])
  })

  it('gets a context in its warm-up, too', async () => {
    const { canary, clock } = await stage()
    const model = vi.fn((_x: string, _context: ModelContext) => 1)
    canary.wrap({ baseline: model, canary: model }, { context: true, warmUp: { inputs: [['a']] } })
    await clock.advance(0)
    expect(model.mock.calls).toEqual([['a', { signal: expect.any(AbortSignal), variant: 'canary', version: 'v2' }]])
  })
})

it('without the option, models get no context', async () => {
  for (const options of [{}, { context: false } as const]) {
    const { canary } = await stage()
    const model = vi.fn((..._all: unknown[]) => 1)
    canary.wrap({ baseline: model, canary: model }, options)('a')
    expect(model.mock.calls).toEqual([['a']])
  }
})

it('refuses a context that is no boolean', async () => {
  const { canary } = await stage()
  const wrap = () => canary.wrap({ baseline: String, canary: String }, { context: 1 as never })
  expect(await errorOf(wrap)).toMatchObject({ code: 'INVALID_OPTION' })
})
