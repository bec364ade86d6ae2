import { describe, expect, it, vi } from 'vitest'
import type { Variant } from '../foundation/vocabulary.js'
import type { Strategy } from '../routing/strategy.js'
import { createFallbackBudget } from './fallback.js'
import { always, errorOf, stage } from './stage.fixture.js'

const broken = (): never => {
  throw new Error('canary broke')
}

describe('with fallback, the baseline answers for a canary that', () => {
  it('throws', async () => {
    const { canary, counts } = await stage()
    const predict = canary.wrap({ baseline: (x: number) => `v1 of ${x}`, canary: broken }, { fallback: true })
    expect(predict(7)).toBe('v1 of 7')
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('rejects', async () => {
    const { canary, counts } = await stage()
    const predict = canary.wrap({ baseline: async () => 'v1', canary: async () => broken() }, { fallback: true })
    expect(await predict()).toBe('v1')
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('takes too long, and answers later', async () => {
    const { canary, clock, counts } = await stage()
    let late = (_: string) => {}
    const slow = () => new Promise<string>((resolve) => (late = resolve))
    const predict = canary.wrap({ baseline: () => 'v1', canary: slow }, { fallback: true, timeoutMs: 50 })
    const [output] = await Promise.all([predict(), clock.advance(50)])
    late('v2')
    expect(output).toBe('v1')
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('gives an invalid output', async () => {
    const { canary, counts } = await stage()
    const models = { baseline: () => 0.5, canary: () => Number.NaN }
    expect(canary.wrap(models, { fallback: true, validate: Number.isFinite })()).toBe(0.5)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it.each(['error', 'timeout'] as const)('gives an output that is classified as %s', async (outcome) => {
    const { canary, counts } = await stage()
    const models = { baseline: () => 'v1', canary: () => 'v2' }
    expect(canary.wrap(models, { fallback: true, classify: () => outcome })()).toBe('v1')
    expect(counts()).toEqual({ [`v2 ${outcome}`]: 1 })
  })
})

describe('the baseline does not answer', () => {
  it('without fallback', async () => {
    const { canary } = await stage()
    const baseline = vi.fn()
    expect(await errorOf(canary.wrap({ baseline, canary: broken }))).toMatchObject({ message: 'canary broke' })
    expect(baseline).not.toHaveBeenCalled()
  })

  it('for itself', async () => {
    const { canary, counts } = await stage({ strategy: always('baseline') })
    const baseline = vi.fn(broken)
    await errorOf(canary.wrap({ baseline, canary: () => 'v2' }, { fallback: true }))
    expect(baseline).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v1 error': 1 })
  })

  it.each(['success', 'aborted'] as const)('for an error that is classified as %s', async (outcome) => {
    const { canary } = await stage()
    const baseline = vi.fn()
    const predict = canary.wrap({ baseline, canary: broken }, { fallback: true, classify: () => outcome })
    expect(await errorOf(predict)).toMatchObject({ message: 'canary broke' })
    expect(baseline).not.toHaveBeenCalled()
  })

  it.each([
    ['fails', undefined],
    ['takes too long', 50],
  ])('for a client that left before the canary %s', async (_, timeoutMs) => {
    const { canary, clock, counts } = await stage()
    const baseline = vi.fn()
    let fail = (_: Error) => {}
    const models = { baseline, canary: () => new Promise<void>((_, reject) => (fail = reject)) }
    const flight = canary.begin()
    const output = canary.serve(flight, models, { fallback: true, timeoutMs })
    flight.abort()
    const failed = errorOf(() => output)
    await clock.advance(50)
    fail(new Error('cancelled'))
    await failed
    expect(baseline).not.toHaveBeenCalled()
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('for a client that left before the canary gives an invalid output, which is the answer', async () => {
    const { canary, counts } = await stage()
    const baseline = vi.fn(async () => 0.5)
    let give = (_: number) => {}
    const models = { baseline, canary: () => new Promise<number>((resolve) => (give = resolve)) }
    const flight = canary.begin()
    const output = canary.serve(flight, models, { fallback: true, validate: Number.isFinite })
    flight.abort()
    give(Number.NaN)
    expect(await output).toBeNaN()
    expect(baseline).not.toHaveBeenCalled()
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })
})

describe('a fallback', () => {
  it('names the version that answers before the baseline is called', async () => {
    const { canary } = await stage()
    const onFallback = vi.fn()
    const flight = canary.begin({ onFallback })
    const seen = canary.serve(
      flight,
      { baseline: () => [flight.answeredBy, flight.version], canary: broken },
      { fallback: true },
    )
    expect(seen).toEqual(['v1', 'v2'])
    expect(onFallback.mock.calls).toEqual([['v1']])
  })

  it('is given to the caller even if the function that is told of it throws', async () => {
    const { canary } = await stage()
    const onFallback = () => {
      throw new Error('the log is full')
    }
    const flight = canary.begin({ onFallback })
    expect(canary.serve(flight, { baseline: () => 'v1', canary: broken }, { fallback: true })).toBe('v1')
  })

  it('that fails as well gives the baseline’s error, and counts no error of the baseline', async () => {
    const { canary, counts } = await stage()
    const error = new Error('baseline broke')
    const baseline = async () => Promise.reject(error)
    expect(await errorOf(canary.wrap({ baseline, canary: broken }, { fallback: true }))).toBe(error)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('is bound by the time limit too', async () => {
    const { canary, clock, counts } = await stage()
    const before = clock.pending + 1 // the sweep for unanswered calls
    const models = { baseline: () => new Promise<string>(() => {}), canary: broken }
    const output = canary.wrap(models, { fallback: true, timeoutMs: 50 })()
    const [error] = await Promise.all([errorOf(() => output), clock.advance(50)])
    expect(error).toMatchObject({ code: 'MODEL_TIMEOUT', message: expect.stringContaining('v1') })
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(clock.pending).toBe(before)
  })

  it('that comes late is cancelled', async () => {
    const { canary, clock } = await stage()
    const cancel = vi.fn()
    let give = (_: ReadableStream) => {}
    const models = { baseline: () => new Promise<ReadableStream>((resolve) => (give = resolve)), canary: broken }
    const output = canary.wrap(models, { fallback: true, timeoutMs: 50 })()
    await Promise.all([errorOf(() => output), clock.advance(50)])
    give(new ReadableStream({ cancel }))
    await clock.advance(0)
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  it('gives the canary’s error after five calls without own calls of the baseline', async () => {
    const { canary, clock, counts } = await stage()
    const predict = canary.wrap({ baseline: () => 'v1', canary: broken }, { fallback: true })
    for (let call = 0; call < 5; call++) expect(predict()).toBe('v1')
    expect(await errorOf(predict)).toMatchObject({ message: 'canary broke' })
    await clock.advance(10_000)
    expect(predict()).toBe('v1')
    expect(counts()).toEqual({ 'v2 error': 7 })
  })
})

describe('the budget of a canary', () => {
  it.each([
    ['baseline', 20],
    ['canary', 5],
  ] as const)('after 100 calls that the %s served allows for %i extra ones', async (arm, extra) => {
    const byKey: Strategy = { name: 'by key', unit: 'request', pick: ({ key }) => key as Variant }
    const { canary } = await stage({ strategy: byKey })
    const models = {
      baseline: (_arm: Variant, _isBroken: boolean) => 'v1',
      canary: (_arm: Variant, isBroken: boolean) => (isBroken ? broken() : 'v2'),
    }
    const predict = canary.wrap(models, { fallback: true, key: (variant: Variant) => variant })
    for (let call = 0; call < 100; call++) predict(arm, false)
    for (let call = 0; call < extra; call++) expect(predict('canary', true)).toBe('v1')
    expect(await errorOf(() => predict('canary', true))).toMatchObject({ message: 'canary broke' })
  })
})

describe('the budget', () => {
  const taken = (budget: ReturnType<typeof createFallbackBudget>, at: number, tries = 1_000) =>
    Array.from({ length: tries }, () => budget.take(at)).filter(Boolean).length

  it.each([
    [0, 5],
    [25, 5],
    [29, 5],
    [30, 6],
    [1_000, 200],
  ])('of %i own calls of the baseline allows %i fallbacks', (own, extra) => {
    const budget = createFallbackBudget()
    for (let call = 0; call < own; call++) budget.spend(call)
    expect(taken(budget, 1_000)).toBe(extra)
  })

  it('counts both over the last ten seconds', () => {
    const budget = createFallbackBudget()
    for (let call = 0; call < 1_000; call++) budget.spend(500)
    expect(taken(budget, 9_999)).toBe(200)
    expect(taken(budget, 10_000)).toBe(0) // the baseline's calls are forgotten, the extra ones are not
    expect(taken(budget, 19_999)).toBe(5)
  })

  it('forgets the calls of each second ten seconds after it began', () => {
    const after = (at: number) => {
      const budget = createFallbackBudget()
      for (let call = 0; call < 1_000; call++) budget.spend(1_500)
      return taken(budget, at)
    }
    expect(after(10_999)).toBe(200)
    expect(after(11_000)).toBe(5)
  })

  it('forgets each second of the past over a pause', () => {
    for (let second = 0; second < 10; second++) {
      const budget = createFallbackBudget()
      expect(taken(budget, second * 1_000)).toBe(5)
      expect(taken(budget, 3_600_000)).toBe(5)
    }
  })

  it('is fast after a pause of years, such as before the first call with a clock that counts from 1970', () => {
    const budget = createFallbackBudget()
    const begun = performance.now()
    expect(taken(budget, 1_800_000_000_000)).toBe(5)
    expect(performance.now() - begun).toBeLessThan(1_000)
  })

  it('allows no more if a clock goes back and forward again', () => {
    const budget = createFallbackBudget()
    expect(taken(budget, 100_000)).toBe(5)
    expect(taken(budget, 95_000)).toBe(0)
    expect(taken(budget, 100_000)).toBe(0)
  })

  it('forgets everything over a pause, however long', () => {
    const budget = createFallbackBudget()
    expect(taken(budget, 0)).toBe(5)
    expect(taken(budget, 3_600_000)).toBe(5)
    expect(taken(budget, 3_600_000)).toBe(0)
  })
})
