import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../../foundation/unhandled.fixture.js'
import { errorOf, stage } from '../stage.fixture.js'

const served = async <Stream>(make: () => Stream) => {
  const staged = await stage()
  return { ...staged, stream: staged.canary.wrap({ baseline: make, canary: make })() }
}

/** A source that gives the numbers from 1 up, only when it is asked, and notes each time it is. */
function numbers(most: number) {
  const pulled = vi.fn()
  const cancel = vi.fn()
  let next = 0
  const source = {
    pull(controller: ReadableStreamDefaultController<number>) {
      pulled()
      next += 1
      if (next > most) controller.close()
      else controller.enqueue(next)
    },
    cancel,
  }
  return { pulled, cancel, stream: new ReadableStream(source, { highWaterMark: 0 }) }
}

const bytes = (...chunks: number[][]) =>
  new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk !== undefined) return controller.enqueue(Uint8Array.from(chunk))
      controller.close()
      controller.byobRequest?.respond(0)
    },
  })

async function chunksOf<Chunk>(stream: ReadableStream<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

describe('a web stream', () => {
  it('is a success when it has ended, with its whole duration and the time to its first chunk', async () => {
    const { canary, clock } = await stage()
    const after = (ms: number) => new Promise<void>((resolve) => void clock.schedule(ms, resolve))
    let chunks = 0
    const model = () =>
      new ReadableStream<string>({
        async pull(controller) {
          await after(50)
          if (chunks++ === 0) controller.enqueue('a')
          else controller.close()
        },
      })
    const output = chunksOf(canary.wrap({ baseline: model, canary: model })())
    await clock.advance(1_000)
    expect(await output).toEqual(['a'])
    const { v2 } = canary.metrics()
    expect(v2).toMatchObject({ successCount: 1, avgLatencyMs: 100 })
    expect(v2.metrics).toEqual({ timeToFirstChunkMs: { count: 1, mean: 50 } })
  })

  it('is not read before its reader reads, and then chunk by chunk', async () => {
    const { pulled, stream: source } = numbers(1_000)
    const { stream, counts } = await served(() => source)
    await new Promise(setImmediate)
    expect(pulled).toHaveBeenCalledTimes(0)
    const reader = stream.getReader()
    for (let chunk = 1; chunk <= 3; chunk++) {
      expect(await reader.read()).toEqual({ done: false, value: chunk })
      await new Promise(setImmediate)
      expect(pulled).toHaveBeenCalledTimes(chunk)
    }
    expect(counts()).toEqual({ 'v2 in flight': 1 })
  })

  it('never has more than one chunk under way, however long it is', async () => {
    let inFlight = 0
    let most = 0
    let left = 10_000
    const model = () =>
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            if (left-- === 0) return controller.close()
            most = Math.max(most, ++inFlight)
            controller.enqueue(new Uint8Array(16))
          },
        },
        { highWaterMark: 0 },
      )
    const { stream } = await served(model)
    for await (const _ of stream) inFlight -= 1
    expect(most).toBe(1)
  })

  it('that fails half way is an error, and its reader gets the same error', async () => {
    const error = new Error('out of memory')
    const { stream, counts } = await served(
      () =>
        new ReadableStream({
          pull(controller) {
            controller.enqueue(1)
            controller.error(error)
          },
        }),
    )
    expect(await errorOf(() => chunksOf(stream))).toBe(error)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that is cancelled is aborted; its source gets the reason, and the model’s signal is aborted', async () => {
    const { canary, counts } = await stage()
    const { cancel, stream: source } = numbers(10)
    let signal: AbortSignal | undefined
    const stream = canary.run({}, (flight) => {
      signal = flight.signal
      return source
    })
    await stream.cancel('enough')
    expect(cancel.mock.calls).toEqual([['enough']])
    expect(signal?.aborted).toBe(true)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('whose reader breaks out of its loop is aborted', async () => {
    const { cancel, stream: source } = numbers(10)
    const { stream, counts } = await served(() => source)
    for await (const chunk of stream) if (chunk === 2) break
    expect(cancel).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('passes a failure of its source’s cancellation on', async () => {
    const error = new Error('cannot stop')
    const { stream } = await served(() => new ReadableStream({ cancel: () => Promise.reject(error) }))
    expect(await errorOf(() => stream.cancel())).toBe(error)
  })

  it('counts once, whatever is called after its end', async () => {
    const { stream, counts } = await served(() => numbers(1).stream)
    await chunksOf(stream)
    await stream.cancel()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('can be teed', async () => {
    const { stream, counts } = await served(() => numbers(2).stream)
    const [left, right] = stream.tee()
    expect(await Promise.all([chunksOf(left), chunksOf(right)])).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('can be piped through a transform, and into a response', async () => {
    const { stream, counts } = await served(() => numbers(3).stream)
    const text = stream.pipeThrough(
      new TransformStream<number, Uint8Array>({
        transform: (chunk, controller) => controller.enqueue(new TextEncoder().encode(`${chunk};`)),
      }),
    )
    expect(await new Response(text).text()).toBe('1;2;3;')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('creates no rejection beside the one that its reader handles', async () => {
    const { stream } = await served(() => new ReadableStream({ pull: () => Promise.reject(new Error('handled')) }))
    expect(await unhandledIn(() => errorOf(() => chunksOf(stream)))).toEqual([])
  })
})

describe('a byte stream', () => {
  it('stays a byte stream, also for a reader with its own buffer', async () => {
    const { stream, counts } = await served(() => bytes([1, 2, 3], [4]))
    const reader = stream.getReader({ mode: 'byob' })
    const got: number[] = []
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(2))
      if (done) break
      got.push(...value)
    }
    expect(got).toEqual([1, 2, 3, 4])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('becomes a response’s body', async () => {
    const { stream, counts } = await served(() => bytes([104], [105]))
    expect(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text()).toBe('hi')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('tells its source of a cancellation', async () => {
    const cancel = vi.fn()
    const { stream, counts } = await served(() => new ReadableStream({ type: 'bytes', cancel }))
    await stream.cancel('enough')
    expect(cancel.mock.calls).toEqual([['enough']])
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })
})

describe('a web stream that cannot be watched', () => {
  it('with a reader is returned as it is, and reported', async () => {
    const { stream: source } = numbers(1)
    const reader = source.getReader()
    const { stream, counts, failures } = await served(() => source)
    expect(stream).toBe(source)
    expect(counts()).toEqual({ 'v2 ignored': 1 })
    expect(failures()).toEqual({ OUTPUT_NOT_OBSERVED: 1 })
    expect(await reader.read()).toEqual({ done: false, value: 1 })
  })

  it('because it has been read is given back readable to its end', async () => {
    const { stream: source } = numbers(1)
    await chunksOf(source)
    const { stream, counts } = await served(() => source)
    expect(await chunksOf(stream)).toEqual([])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('because the model returned it before gives the same stream to both callers', async () => {
    const { stream: source } = numbers(2)
    const { canary, counts } = await stage()
    const generate = canary.wrap({ baseline: () => source, canary: () => source })
    const first = generate()
    expect(generate()).toBe(first)
    expect(await chunksOf(first)).toEqual([1, 2])
    expect(counts()).toEqual({ 'v2 success': 2 })
  })

  it('is one of a polyfill no longer: it is watched by its methods', async () => {
    const { stream: native } = numbers(2)
    const polyfilled = {
      get locked() {
        return native.locked
      },
      getReader: (options?: never) => native.getReader(options),
      cancel: (reason?: unknown) => native.cancel(reason),
      [Symbol.asyncIterator]: () => native.values(),
    } as unknown as ReadableStream<number>
    const { stream, counts } = await served(() => polyfilled)
    const reader = stream.getReader()
    expect([await reader.read(), await reader.read()]).toMatchObject([{ value: 1 }, { value: 2 }])
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await reader.read()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })
})
