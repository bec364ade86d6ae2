import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../../foundation/unhandled.fixture.js'
import type { Outcome } from '../../foundation/vocabulary.js'
import type { Settled } from '../models.js'
import { errorOf, stage } from '../stage.fixture.js'

async function* counting(most: number) {
  for (let chunk = 1; chunk <= most; chunk++) yield chunk
}

async function* dying(error: unknown) {
  yield 1
  throw error
}

/** A stream as vendors' clients have them: a class of its own, with state that only its methods reach. */
class VendorStream implements AsyncIterable<number> {
  readonly requestId = 'req_1'
  readonly #chunks = [1, 2]
  leave: (() => void) | undefined;

  [Symbol.asyncIterator](): AsyncIterator<number> {
    const rest = [...this.#chunks]
    return {
      next: async () => (rest.length === 0 ? { done: true, value: undefined } : { done: false, value: rest.shift()! }),
      return: async () => {
        this.leave?.()
        return { done: true, value: undefined }
      },
    }
  }
}

async function chunksOf<Chunk>(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

const served = async <Stream>(make: () => Stream) => {
  const staged = await stage()
  return { ...staged, stream: staged.canary.wrap({ baseline: make, canary: make })() }
}

describe('an async generator', () => {
  it('is a success when it has ended, with its whole duration and the time to its first chunk', async () => {
    const { canary, clock } = await stage()
    const wait = (ms: number) => new Promise<void>((resolve) => void clock.schedule(ms, resolve))
    async function* slow() {
      await wait(30)
      yield 'a'
      await wait(70)
    }
    const model = async () => {
      await wait(200)
      return slow()
    }
    const output = canary.wrap({ baseline: model, canary: model })().then(chunksOf)
    await clock.advance(1_000)
    expect(await output).toEqual(['a'])
    const { v2 } = canary.metrics()
    expect(v2).toMatchObject({ successCount: 1, avgLatencyMs: 300 })
    expect(v2.metrics).toEqual({ timeToFirstChunkMs: { count: 1, mean: 230 } })
  })

  it('is under way until then, and stays the same object', async () => {
    const generator = counting(2)
    const { stream, counts } = await served(() => generator)
    expect(stream).toBe(generator)
    await stream.next()
    await stream.next()
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('gets what is sent and thrown into it', async () => {
    const heard: unknown[] = []
    async function* listening() {
      try {
        heard.push(yield 1)
        yield 2
      } catch (error) {
        heard.push(error)
        yield 3
      }
    }
    const { stream, counts } = await served(listening)
    await stream.next()
    await stream.next('sent')
    expect(await stream.throw('thrown')).toEqual({ done: false, value: 3 })
    expect(heard).toEqual(['sent', 'thrown'])
    expect(counts()).toEqual({ 'v2 in flight': 1 })
  })

  it('that fails half way is an error, and the reader gets the same error', async () => {
    const error = new Error('out of memory')
    const { stream, counts } = await served(() => dying(error))
    expect(await errorOf(() => chunksOf(stream))).toBe(error)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('whose reader breaks is aborted, cleans up, and aborts the signal of its model', async () => {
    const staged = await stage()
    const cleanedUp = vi.fn()
    let signal: AbortSignal | undefined
    const stream = staged.canary.run({}, async function* (flight) {
      signal = flight.signal
      try {
        yield* counting(10)
      } finally {
        cleanedUp(signal.aborted)
      }
    })
    for await (const chunk of stream) if (chunk === 2) break
    expect(cleanedUp.mock.calls).toEqual([[true]])
    expect(staged.counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('that is returned from before it began is aborted', async () => {
    const { stream, counts } = await served(() => counting(1))
    expect(await stream.return(undefined)).toEqual({ done: true, value: undefined })
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('counts once, whatever is called after its end', async () => {
    const { stream, counts } = await served(() => counting(1))
    await chunksOf(stream)
    await stream.return(undefined)
    await stream.next()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('creates no rejection beside the one that its reader handles', async () => {
    const { stream } = await served(() => dying(new Error('handled')))
    expect(await unhandledIn(() => chunksOf(stream).catch(() => {}))).toEqual([])
  })

  it('that a model returns a second time counts for both calls', async () => {
    const generator = counting(1)
    const { canary, counts } = await stage()
    const generate = canary.wrap({ baseline: () => generator, canary: () => generator })
    generate()
    await chunksOf(generate())
    expect(counts()).toEqual({ 'v2 success': 2 })
  })

  it('is not described, because it has no single output', async () => {
    const { canary } = await stage()
    const [predictionOf, validate] = [vi.fn(), vi.fn()]
    const model = () => counting(1)
    await chunksOf(canary.wrap({ baseline: model, canary: model }, { predictionOf, validate })())
    for (const observer of [predictionOf, validate]) expect(observer).not.toHaveBeenCalled()
  })

  it('is classified at its end, where it fails, and where its reader leaves', async () => {
    const { canary, counts } = await stage()
    const error = new Error('out of memory')
    const classify = vi.fn((settled: Settled<unknown>) => ('error' in settled ? 'ignored' : 'error') as Outcome)
    const read = async (model: () => AsyncGenerator<number>, most: number) => {
      const stream = canary.wrap({ baseline: model, canary: model }, { classify })()
      for await (const chunk of stream) if (chunk === most) break
      return stream
    }
    const ended = await read(() => counting(1), 9)
    const left = await read(() => counting(2), 1)
    await errorOf(() => read(() => dying(error), 9))
    expect(classify.mock.calls).toEqual([[{ output: ended }], [{ output: left, isLeft: true }], [{ error }]])
    expect(counts()).toEqual({ 'v2 error': 2, 'v2 ignored': 1 })
  })
})

describe('another async iterable', () => {
  it('keeps its class, its identity, its members and its private state', async () => {
    const vendor = new VendorStream()
    const { stream, counts } = await served(() => vendor)
    expect(stream).toBe(vendor)
    expect(stream).toBeInstanceOf(VendorStream)
    expect(Object.keys(stream)).toEqual(['requestId', 'leave'])
    expect(await chunksOf(stream)).toEqual([1, 2])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('calls return of its source when the reader leaves', async () => {
    const { stream, counts } = await served(() => new VendorStream())
    stream.leave = vi.fn()
    for await (const _ of stream) break
    expect(stream.leave).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('can be read again, and counts the first time', async () => {
    const { stream, counts } = await served(() => new VendorStream())
    expect([await chunksOf(stream), await chunksOf(stream)]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('without a return is aborted all the same when its reader leaves', async () => {
    const iterable = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }) }
    const { stream, counts } = await served(() => iterable)
    for await (const _ of stream) break
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('that cannot even be begun is an error', async () => {
    const error = new Error('no connection')
    const { stream, counts } = await served(() => ({
      [Symbol.asyncIterator](): AsyncIterator<number> {
        throw error
      },
    }))
    expect(await errorOf(() => chunksOf(stream))).toBe(error)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that is frozen is read as it is, and reported once', async () => {
    const { canary, counts, failures } = await stage()
    const model = () => Object.freeze(new VendorStream())
    const generate = canary.wrap({ baseline: model, canary: model })
    expect(await chunksOf(generate())).toEqual([1, 2])
    generate()
    expect(counts()).toEqual({ 'v2 ignored': 2 })
    expect(failures()).toEqual({ OUTPUT_NOT_OBSERVED: 1 })
  })

  it('whose iterator is frozen is read as it is', async () => {
    const { stream, counts } = await served(() => ({
      [Symbol.asyncIterator]: () => Object.freeze({ next: async () => ({ done: true as const, value: undefined }) }),
    }))
    expect(await chunksOf(stream)).toEqual([])
    expect(counts()).toEqual({ 'v2 ignored': 1 })
  })

  it('that a model returns to every caller is watched once, at the same cost for each call', async () => {
    const { canary, counts } = await stage()
    const cached = new VendorStream()
    const generate = canary.wrap({ baseline: () => cached, canary: () => cached })
    for (let call = 0; call < 20_000; call += 1) generate()
    expect(await chunksOf(generate())).toEqual([1, 2])
    expect(counts()).toEqual({ 'v2 success': 20_001 })
    for await (const _ of generate()) break
    expect(counts()).toEqual({ 'v2 success': 20_001, 'v2 aborted': 1 })
  })
})

describe('what is not a stream', () => {
  it.each([
    ['an array', [1, 2]],
    ['an object with a member named read', { read: () => 1 }],
    ['an object whose async iterator is no function', { [Symbol.asyncIterator]: 'no' }],
  ])('%s is an output like any other', async (_, output) => {
    const { stream, counts } = await served(() => output)
    expect(stream).toBe(output)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('is given back even where it cannot be looked at', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const { canary } = await stage()
    const hostile = canary.wrap({ baseline: () => [proxy], canary: () => [proxy] })
    expect(hostile()[0]).toBe(proxy)
  })
})
