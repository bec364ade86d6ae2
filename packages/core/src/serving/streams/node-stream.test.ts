import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it, vi } from 'vitest'
import { errorOf, stage } from '../stage.fixture.js'

const served = async <Stream>(make: () => Stream) => {
  const staged = await stage()
  return { ...staged, stream: staged.canary.wrap({ baseline: make, canary: make })() }
}

const dying = (error: Error) =>
  new Readable({
    read() {
      this.push('a')
      this.destroy(error)
    },
  })

const closed = (stream: Readable | Writable) => new Promise<void>((resolve) => stream.once('close', resolve))

/** Takes everything, one chunk a turn of the event loop. */
const slowSink = () => {
  const chunks: string[] = []
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      setImmediate(done)
    },
  })
  return { sink, chunks }
}

/** The ways in which a Node stream is read to its end. */
const readers: Record<string, (stream: Readable) => Promise<unknown>> = {
  'for await': async (stream) => {
    for await (const _ of stream);
  },
  pipe: (stream) => closed(stream.pipe(slowSink().sink)),
  pipeline: (stream) => pipeline(stream, slowSink().sink),
  'data listeners': (stream) => new Promise((resolve) => stream.on('data', () => {}).on('end', resolve)),
}

describe('a Node stream', () => {
  it.each(Object.keys(readers))('that is read by %s is a success when it has ended', async (name) => {
    const { stream, counts } = await served(() => Readable.from(['a', 'b', 'c']))
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await readers[name]!(stream)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('stays the same object, keeps its class and its members', async () => {
    const transform = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) })
    const { stream } = await served(() => transform)
    expect(stream).toBe(transform)
    expect(stream).toBeInstanceOf(Transform)
  })

  it('that is a transform is a success when its last chunk was read', async () => {
    const { stream, counts } = await served(() => new PassThrough())
    stream.write('a')
    stream.end('b')
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    expect((await stream.toArray()).join('')).toBe('ab')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('counts its whole duration, and the time to its first chunk', async () => {
    const { canary, clock } = await stage()
    const source = new PassThrough()
    const stream = canary.wrap({ baseline: () => source, canary: () => source })()
    const read = stream.resume().toArray()
    await clock.advance(30)
    source.write('a')
    await clock.advance(70)
    source.end('b')
    await read
    const { v2 } = canary.metrics()
    expect(v2).toMatchObject({ successCount: 1, avgLatencyMs: 100 })
    expect(v2.metrics).toEqual({ timeToFirstChunkMs: { count: 1, mean: 30 } })
  })

  it('does not start to flow when it is watched', async () => {
    const read = vi.fn()
    const { stream } = await served(() => new Readable({ read }))
    await new Promise(setImmediate)
    expect(stream.readableFlowing).toBe(null)
    expect(read).not.toHaveBeenCalled()
  })

  it('is read no further ahead than without being watched', async () => {
    const most = async (wrap: (stream: Readable) => Readable) => {
      let ahead = 0
      let pushed = 0
      const source = new Readable({
        highWaterMark: 4,
        objectMode: true,
        read() {
          this.push(++pushed > 200 ? null : pushed)
        },
      })
      let taken = 0
      for await (const _ of wrap(source)) {
        taken += 1
        ahead = Math.max(ahead, pushed - taken)
        if (taken % 10 === 0) await new Promise(setImmediate)
      }
      return ahead
    }
    const { canary } = await stage()
    const watched = await most((source) => canary.wrap({ baseline: () => source, canary: () => source })())
    expect(watched).toBe(await most((source) => source))
    expect(watched).toBeLessThanOrEqual(5)
  })

  it('that fails half way is an error, and its reader gets the same error', async () => {
    const error = new Error('out of memory')
    const { stream, counts } = await served(() => dying(error))
    expect(await errorOf(() => readers['for await']!(stream))).toBe(error)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('whose error is not handled is an uncaught exception, as without this library', async () => {
    const error = new Error('nobody listens')
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const caught = new Promise((resolve) => process.once('uncaughtException', resolve))
    const { stream, counts } = await served(() => dying(error))
    stream.resume()
    expect(await caught).toBe(error)
    for (const listener of others) process.on('uncaughtException', listener)
    await new Promise(setImmediate)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it.each<[string, (stream: Readable) => Promise<unknown>]>([
    [
      'a break',
      async (stream) => {
        for await (const _ of stream) break
      },
    ],
    ['destroy', async (stream) => void stream.destroy()],
    [
      'a pipeline whose sink closed early',
      async (stream) => {
        const { sink } = slowSink()
        const piped = pipeline(stream, sink).catch(() => {})
        sink.destroy()
        await piped
      },
    ],
    [
      'an abort signal',
      async (stream) => {
        const leaving = new AbortController()
        const piped = pipeline(stream, slowSink().sink, { signal: leaving.signal }).catch(() => {})
        leaving.abort()
        await piped
      },
    ],
  ])('that is left by %s is aborted', async (_, leave) => {
    const { stream, counts } = await served(() => Readable.from(Array.from({ length: 1_000 }, String)))
    await leave(stream)
    await new Promise(setImmediate)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('aborts the model’s signal when its reader leaves', async () => {
    const { canary } = await stage()
    let signal: AbortSignal | undefined
    const stream = canary.run({}, (flight) => {
      signal = flight.signal
      return new PassThrough()
    })
    stream.destroy()
    await closed(stream)
    expect(signal?.aborted).toBe(true)
  })

  it('counts once, whatever happens after its end', async () => {
    const { stream, counts } = await served(() => Readable.from(['a']))
    await readers['for await']!(stream)
    stream.destroy(new Error('late'))
    await new Promise(setImmediate)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('that a model returns a second time counts for both calls', async () => {
    const source = Readable.from(['a'])
    const { canary, counts } = await stage()
    const generate = canary.wrap({ baseline: () => source, canary: () => source })
    generate()
    await readers['for await']!(generate())
    expect(counts()).toEqual({ 'v2 success': 2 })
    expect(source.push).toBe(Readable.prototype.push)
  })
})

describe('a Node stream that was over before it was returned', () => {
  it('by being read is a success', async () => {
    const source = Readable.from(['a'])
    await source.toArray()
    const { counts } = await served(() => source)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('by an error is an error', async () => {
    const source = dying(new Error('early'))
    await errorOf(() => source.toArray())
    const { counts } = await served(() => source)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('by being destroyed is an error, because it could not be read', async () => {
    const source = new PassThrough()
    source.destroy()
    await closed(source)
    const { counts } = await served(() => source)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })
})

describe('a stream that goes out over HTTP', () => {
  const serve = async (model: () => Readable) => {
    const { canary, counts } = await stage()
    const generate = canary.wrap({ baseline: model, canary: model })
    const server = createServer((_request, response) => {
      pipeline(generate(), response).catch(() => {})
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const open = () => new Promise<Readable>((resolve) => get({ port, agent: false }, resolve))
    return { counts, open, close: () => new Promise((resolve) => server.close(resolve)) }
  }

  it('is a success when the client has received all of it', async () => {
    const { counts, open, close } = await serve(() => Readable.from(['a', 'b']))
    const response = await open()
    expect(String(await response.toArray())).toBe('ab')
    await close()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('is aborted when the client leaves half way', async () => {
    const endless = () =>
      new Readable({
        read() {
          this.push('x'.repeat(1_000))
        },
      })
    const { counts, open, close } = await serve(endless)
    const response = await open()
    response.once('data', () => response.destroy())
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
    await close()
  })
})
