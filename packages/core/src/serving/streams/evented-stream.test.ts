import { describe, expect, it } from 'vitest'
import { unhandledIn } from '../../foundation/unhandled.fixture.js'
import { stage } from '../stage.fixture.js'

/** As the stream helpers of vendors' clients are built: events, getters, promises, and an unhandled error that shows. */
class HelperStream implements AsyncIterable<string> {
  ended = false
  errored = false
  aborted = false
  readonly #listeners = new Map<string, ((value?: unknown) => void)[]>()
  readonly #over: Promise<void>
  #settle = { resolve: () => {}, reject: (_: unknown) => {} }
  #isHandled = false

  constructor() {
    this.#over = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#over.catch(() => {})
  }
  on(event: string, listener: (value?: unknown) => void): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }
  done(): Promise<void> {
    this.#isHandled = true
    return this.#over
  }
  emit(event: string, value?: unknown): void {
    const listeners = this.#listeners.get(event) ?? []
    if (event === 'error') {
      this.errored = true
      if (listeners.length === 0 && !this.#isHandled) void Promise.reject(value)
      this.#settle.reject(value)
    }
    if (event === 'abort') this.aborted = this.errored = true
    if (event === 'end') {
      this.ended = true
      this.#settle.resolve()
    }
    for (const listener of listeners) listener(value)
    if (event === 'error' || event === 'abort') this.emit('end')
  }
  abort(): void {
    this.emit('abort')
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield await this.done().then(() => 'all')
  }
}

const served = async (stream = new HelperStream()) => {
  const staged = await stage()
  const output = staged.canary.wrap({ baseline: () => stream, canary: () => stream })()
  return { ...staged, stream, output }
}

describe('a stream helper that emits events', () => {
  it('is given as it is, and is a success when it has ended, however it is read', async () => {
    const { stream, output, counts, canary, clock } = await served()
    expect(output).toBe(stream)
    await clock.advance(30)
    stream.emit('chunk', 'hi')
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    stream.emit('end')
    await output.done()
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.metrics().v2.metrics).toEqual({ timeToFirstChunkMs: { count: 1, mean: 30 } })
  })

  it('that only looks like a helper is read by its own kind', async () => {
    const { canary, counts } = await stage()
    const model = () =>
      Object.assign(
        (async function* () {
          yield 1
        })(),
        { on() {}, ended: false },
      )
    for await (const _ of canary.wrap({ baseline: model, canary: model })());
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it.each(['chunk', 'streamEvent', 'event'])(
    'that gives something within maxFlightMs, told by %s, goes on',
    async (event) => {
      const { canary, clock, counts } = await stage({ maxFlightMs: 1_000 })
      const stream = new HelperStream()
      canary.wrap({ baseline: () => stream, canary: () => stream })()
      for (let chunk = 0; chunk < 5; chunk += 1) {
        await clock.advance(800)
        stream.emit(event)
      }
      expect(counts()).toEqual({ 'v2 in flight': 1 })
      await clock.advance(2_000)
      expect(counts()).toEqual({ 'v2 timeout': 1 })
    },
  )

  it('that fails is an error, and its unhandled error stays unhandled', async () => {
    const { stream, counts } = await served()
    const error = new Error('boom')
    expect(await unhandledIn(() => stream.emit('error', error))).toEqual([error])
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that is aborted is aborted', async () => {
    const { stream, counts } = await served()
    stream.abort()
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('that ended before has the outcome of its end', async () => {
    const over = new HelperStream()
    over.emit('end')
    expect((await served(over)).counts()).toEqual({ 'v2 success': 1 })
  })
})

describe('a vendor’s stream that is read and split by its iterator', () => {
  class SplittableStream implements AsyncIterable<number> {
    readonly iterator: () => AsyncIterator<number>
    constructor(iterator: () => AsyncIterator<number>) {
      this.iterator = iterator
    }
    [Symbol.asyncIterator](): AsyncIterator<number> {
      return this.iterator()
    }
    tee(): [SplittableStream, SplittableStream] {
      const iterator = this.iterator()
      const queues: Promise<IteratorResult<number>>[][] = [[], []]
      const side = (own: Promise<IteratorResult<number>>[]) => ({
        next: () => {
          if (own.length === 0) {
            const pulled = iterator.next()
            for (const queue of queues) queue.push(pulled)
          }
          return own.shift()!
        },
      })
      return [new SplittableStream(() => side(queues[0]!)), new SplittableStream(() => side(queues[1]!))]
    }
  }

  it('is a success when both of its halves have been read', async () => {
    const { canary, counts } = await stage()
    const model = () =>
      new SplittableStream(async function* () {
        yield 1
      })
    const [left, right] = canary.wrap({ baseline: model, canary: model })().tee()
    for await (const _ of left);
    for await (const _ of right);
    expect(counts()).toEqual({ 'v2 success': 1 })
  })
})
