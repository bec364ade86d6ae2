import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../../foundation/unhandled.fixture.js'
import type { ServingOptions } from '../models.js'
import { errorOf, stage } from '../stage.fixture.js'

const served = async <Output>(model: () => Output, options: ServingOptions<[], Awaited<Output>> = {}) => {
  const staged = await stage()
  return { ...staged, output: staged.canary.wrap({ baseline: model, canary: model }, options)() }
}

async function* tokens(error?: Error) {
  yield 'Hello'
  if (error) throw error
  yield 'world'
}

async function read(stream: AsyncIterable<unknown>) {
  for await (const _ of stream);
}

interface Told {
  next?: (value: unknown) => void
  error?: (error: unknown) => void
  complete?: () => void
}

/** An observable as libraries have them: each subscription runs the source, and a pipe makes another one of it. */
class TestObservable {
  readonly #run: (told: Told) => void
  constructor(run: (told: Told) => void) {
    this.#run = run
  }
  subscribe(told: Told | ((value: unknown) => void)): { unsubscribe(): void } {
    this.#run(typeof told === 'function' ? { next: told } : told)
    return { unsubscribe() {} }
  }
  pipe(through: (source: TestObservable) => TestObservable): TestObservable {
    return through(this)
  }
}

const giveOne = (told: Told): void => {
  told.next?.(1)
  told.complete?.()
}

describe('an observable', () => {
  it('is a success when it has completed, also through a pipe', async () => {
    const { output, counts } = await served(() => new TestObservable(giveOne))
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    const values: unknown[] = []
    output
      .pipe((source) => new TestObservable((told) => source.subscribe(told)))
      .subscribe((value) => values.push(value))
    expect(values).toEqual([1])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('that fails is an error, and its subscriber gets the same error', async () => {
    const cause = new Error('broken')
    const { output, counts } = await served(() => new TestObservable((told) => told.error?.(cause)))
    const error = vi.fn()
    output.subscribe({ error })
    expect(error.mock.calls).toEqual([[cause]])
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('whose error is not handled reports it', async () => {
    const cause = new Error('broken')
    const { output } = await served(() => new TestObservable((told) => told.error?.(cause)))
    expect(await unhandledIn(() => output.subscribe({ next() {} }))).toEqual([cause])
  })

  it('that is left is aborted', async () => {
    const { output, counts } = await served(() => new TestObservable(() => {}))
    output.subscribe({}).unsubscribe()
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })
})

describe('a synchronous generator', () => {
  it('is a success when it was read to its end, and an error where it fails', async () => {
    const staged = await stage()
    let isBroken = false
    const model = function* () {
      yield 1
      if (isBroken) throw new Error('broken')
    }
    const count = staged.canary.wrap({ baseline: model, canary: model })
    expect([...count()]).toEqual([1])
    isBroken = true
    await errorOf(() => [...count()])
    for (const _ of count()) break
    expect(staged.counts()).toEqual({ 'v2 success': 1, 'v2 error': 1, 'v2 aborted': 1 })
  })

  it.each([[[1, 2]], [new Map([[1, 2]])], [new Set([1])], ['text'], [new Uint8Array(2)]])(
    'is told from a collection: %o is complete',
    async (output) => {
      expect((await served(() => output)).counts()).toEqual({ 'v2 success': 1 })
    },
  )
})

describe('an object that holds streams', () => {
  it('has the outcome of its stream', async () => {
    const good = await served(() => ({ textStream: tokens(), usage: Promise.resolve(2) }))
    await read(good.output.textStream)
    expect(good.counts()).toEqual({ 'v2 success': 1 })
    const bad = await served(() => ({ textStream: tokens(new Error('reset')) }))
    await errorOf(() => read(bad.output.textStream))
    expect(bad.counts()).toEqual({ 'v2 error': 1 })
  })

  it('is complete when all streams that were begun are complete', async () => {
    const { output, counts } = await served(() => ({ a: tokens(), b: new ReadableStream(), c: tokens() }))
    await output.c.next()
    await read(output.a)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await read(output.c)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('of a web stream gets the one that is watched', async () => {
    const { output, counts } = await served(() => ({ stream: new ReadableStream({ start: (to) => to.close() }) }))
    await read(output.stream)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('does not have its getters called', async () => {
    const getter = vi.fn(() => tokens())
    const output = Object.defineProperty({}, 'stream', { get: getter, enumerable: true })
    expect((await served(() => output)).counts()).toEqual({ 'v2 success': 1 })
    expect(getter).not.toHaveBeenCalled()
  })
})

describe('an output whose end cannot be seen', () => {
  class Result {
    readonly baseStream = tokens()
    readonly text = Promise.resolve('Hello')
  }

  it.each<[string, () => object, object?]>([
    ['a class that holds a stream', () => new Result()],
    ['an object with a promise alone', () => ({ text: Promise.resolve('Hello') })],
    ['one of a model with a context', () => new Result(), { context: true }],
  ])('does not count as evidence, and that is reported once: %s', async (_, model, options = {}) => {
    const { canary, counts, failures } = await stage()
    const call = canary.wrap({ baseline: model, canary: model }, options as never)
    call()
    call()
    expect(counts()).toEqual({ 'v2 ignored': 2 })
    expect(failures()).toEqual({ OUTPUT_NOT_OBSERVED: 1 })
  })

  it('does not handle the rejection of a promise that it holds', async () => {
    const error = new Error('nobody looks')
    const model = () => ({ text: Promise.reject(error) })
    expect(await unhandledIn(() => served(model))).toEqual([error])
  })
})

describe('completionOf', () => {
  const result = (text: Promise<string>) => () => ({ text, label: 'positive' })

  it('says when an output is complete, and it is described then', async () => {
    let settle = (_: string) => {}
    const text = new Promise<string>((resolve) => (settle = resolve))
    const { canary, counts, failures } = await served(result(text), {
      completionOf: (output) => output.text,
      predictionOf: ({ label }) => label,
    })
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    settle('Hello')
    await text
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.metrics().v2.predictionDistribution).toEqual({ positive: 1 })
    expect(failures()).toEqual({})
  })

  it('that rejects makes the call an error', async () => {
    const text = Promise.reject(new Error('reset'))
    text.catch(() => {})
    const { counts } = await served(result(text), { completionOf: (output) => output.text })
    await errorOf(() => text)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it.each<[string, () => PromiseLike<unknown>]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['gives no promise', () => 'done' as never],
  ])('that %s is reported, and the call does not count as evidence', async (_, completionOf) => {
    const { counts, failures, output } = await served(() => 'answer', { completionOf })
    expect(output).toBe('answer')
    expect(counts()).toEqual({ 'v2 ignored': 1 })
    expect(failures()).toEqual({ OUTPUT_NOT_OBSERVED: 1 })
  })

  it('must be a function', async () => {
    await expect(served(() => 1, { completionOf: 1 as never })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
