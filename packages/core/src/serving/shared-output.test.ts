import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { ServingOptions } from './models.js'
import { always, stage } from './stage.fixture.js'

/** As often as a busy service gives one cached answer in a few minutes. */
const CALLS = 20_000

const read = async (stream: AsyncIterable<unknown>): Promise<string> => {
  let content = ''
  for await (const chunk of stream) content += chunk
  return content
}

const letters = (): AsyncIterable<string> => ({
  async *[Symbol.asyncIterator]() {
    yield 'a'
    yield 'b'
  },
})

/** An iterable that gives the same iterator to everybody. */
const oneIterator = (): AsyncIterable<string> => {
  const iterator: AsyncIterator<string> = { next: async () => ({ done: true, value: undefined }) }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** A vendor's helper: it reads by itself. */
const helper = () => Object.assign(new EventEmitter(), { ended: false, errored: false, aborted: false }, letters())

/** Outputs that a model may keep and give again, what a caller does with them, and what it gets each time. */
const kept: Record<string, [make: () => object, use: (output: never) => unknown, gets: unknown]> = {
  'an iterable': [letters, read, 'ab'],
  'an iterable with one iterator': [oneIterator, read, ''],
  'a frozen iterable': [() => Object.freeze(letters()), read, 'ab'],
  'an object with an iterable': [() => ({ words: letters() }), ({ words }: { words: never }) => read(words), 'ab'],
  'a response that is cloned': [() => new Response('ab'), (response: Response) => response.clone().text(), 'ab'],
  'a helper with events': [helper, (stream: EventEmitter) => stream.listenerCount('end'), 1],
  'a web stream that nobody reads': [() => new ReadableStream(), (stream: ReadableStream) => stream.locked, false],
  'a Node stream that nobody reads': [
    () => Readable.from(['a']),
    (stream: Readable) => stream.listenerCount('end'),
    expect.any(Number),
  ],
}

const ways: Record<string, ServingOptions<[], unknown>> = {
  'as it is': {},
  'with a fallback': { fallback: true },
  'with a fallback and a limit': { fallback: true, firstChunkTimeoutMs: 60_000 },
}

describe.each(Object.entries(ways))('an output that is returned repeatedly, %s', (_way, options) => {
  it.each(Object.entries(kept))('%s: it works every time, unnested', async (_kind, [make, use, gets]) => {
    const { canary } = await stage()
    const output = make()
    const predict = canary.wrap({ baseline: () => output, canary: () => output }, options) as () => never
    expect(await use(predict())).toEqual(gets)
    for (let call = 0; call < CALLS; call++) predict()
    expect(await use(predict())).toEqual(gets)
    for (let call = 0; call < 100; call++) expect(await use(predict())).toEqual(gets)
  })
})

describe('a kept output', () => {
  it('ends the flights of all calls that it was given to, also where it cannot be watched', async () => {
    for (const [make, outcome] of [
      [letters, 'success'],
      [() => Object.freeze(letters()), 'ignored'],
    ] as const) {
      const { canary, counts } = await stage()
      const output = make()
      const predict = canary.wrap({ baseline: () => output, canary: () => output })
      for (let call = 0; call < 1_000; call++) predict()
      await read(predict())
      expect(counts()).toEqual({ [`v2 ${outcome}`]: 1_001 })
    }
  })
})

describe('the fallback of a kept stream', () => {
  const failing = (): AsyncIterable<string> => ({
    // biome-ignore lint/correctness/useYield: it fails before its first chunk
    async *[Symbol.asyncIterator]() {
      throw new Error('out of memory')
    },
  })
  const echoed = (input: string): AsyncIterable<string> => ({
    async *[Symbol.asyncIterator]() {
      yield `baseline of ${input}`
    },
  })

  it('works for each caller if the stream is read before it is returned again', async () => {
    const { canary, failures } = await stage({ strategy: always('canary') })
    const output = failing()
    const predict = canary.wrap({ baseline: echoed, canary: (_: string) => output }, { fallback: true })
    for (const input of ['a', 'b', 'c']) expect(await read(predict(input))).toBe(`baseline of ${input}`)
    expect(failures()).toEqual({})
  })

  it('does not happen for a stream with several callers, so that no caller gets an answer of another', async () => {
    const { canary, failures } = await stage({ strategy: always('canary') })
    const output = failing()
    const predict = canary.wrap({ baseline: echoed, canary: (_: string) => output }, { fallback: true })
    const [first, second] = [predict('a'), predict('b')]
    await expect(read(second)).rejects.toThrow('out of memory')
    await expect(read(first)).rejects.toThrow('out of memory')
    expect(failures()).toEqual({ FALLBACK_IMPOSSIBLE: 2 })
  })

  it.each([
    ['a web stream', () => new ReadableStream<string>({ pull: () => Promise.reject(new Error('out of memory')) })],
    [
      'a Node stream',
      () =>
        new Readable({
          read() {
            this.destroy(new Error('out of memory'))
          },
        }),
    ],
  ])('does not happen for %s with two callers', async (_, make) => {
    const { canary, failures } = await stage({ strategy: always('canary') })
    const output = make()
    const baseline = (input: string) => Readable.from([input])
    const predict = canary.wrap({ baseline, canary: (_: string) => output }, { fallback: true }) as (
      input: string,
    ) => Readable
    const first = predict('a')
    expect(predict('b')).toBe(first) // one stream: whoever reads it reads for both
    await expect(text(first)).rejects.toThrow('out of memory')
    expect(failures()).toEqual({ FALLBACK_IMPOSSIBLE: 1 })
  })
})
