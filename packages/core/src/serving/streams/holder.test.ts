import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { errorOf, stage } from '../stage.fixture.js'

async function* tokens() {
  yield 'Hello'
}

async function read(stream: AsyncIterable<unknown>) {
  for await (const _ of stream);
}

const served = async <Output>(output: Output) => {
  const staged = await stage()
  const model = () => output
  return { ...staged, output: staged.canary.wrap({ baseline: model, canary: model })() }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => [`member${index}`, index] as const)

const webStream = () => new ReadableStream({ start: (to) => to.close() })

describe('an object that holds a stream', () => {
  it('is recognised by the stream, also after other members', async () => {
    const { output, counts } = await served({ id: 1, length: 1_000, usage: null, tags: ['a'], stream: tokens() })
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await read(output.stream)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('without a prototype is recognised, too', async () => {
    const { output, counts } = await served(Object.assign(Object.create(null), { stream: tokens() }))
    await read(output.stream)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[string, object]>([
    ['in a plain object', { data: { stream: tokens() } }],
    ['in an array', { parts: [{}, tokens()] }],
    ['as a promise', { data: { text: Promise.resolve('Hello') } }],
  ])('one level further down, %s, does not count as a success', async (_, output) => {
    const { counts, failures } = await served(output)
    expect(counts()).toEqual({ 'v2 ignored': 1 })
    expect(failures()).toEqual({ OUTPUT_NOT_OBSERVED: 1 })
  })

  it('that has been read is complete', async () => {
    const log = Readable.from(['a'])
    await log.toArray()
    const response = new Response('Hello')
    await response.text()
    expect((await served({ log, response, label: 'positive' })).counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[string, () => Promise<object>]>([
    [
      'a Node stream',
      async () => {
        const log = Readable.from(['a'])
        await log.toArray()
        return { data: { log } }
      },
    ],
    [
      'a response',
      async () => {
        const response = new Response('Hello')
        await response.text()
        return { response }
      },
    ],
  ])('and nothing else, %s that has been read, is complete', async (_, make) => {
    const { counts, failures } = await served(await make())
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(failures()).toEqual({})
  })

  it('is not recognised by a stream that has a reader, if there is another stream', async () => {
    const source = webStream()
    source.getReader()
    const { output, counts } = await served({ source, stream: tokens() })
    await read(output.stream)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[string, (before: number) => object]>([
    ['an object', (before) => Object.fromEntries([...numbered(before), ['stream', tokens()]])],
    ['an array', (before) => [...Array(before).fill(0), tokens()]],
  ])('is recognised by the first 32 members of %s', async (_, make) => {
    expect((await served(make(31))).counts()).not.toEqual({ 'v2 success': 1 })
    expect((await served(make(32))).counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[string, object]>([
    ['a buffer', Buffer.alloc(1_000_000)],
    ['numbers', new Float32Array(1_000_000)],
    ['an array', Array(1_000_000).fill(0.5)],
    ['an array in an object', { data: Array(1_000_000).fill(0.5) }],
  ])('is searched for in %s of millions quickly', async (_, output) => {
    const { canary } = await stage()
    const call = canary.wrap({ baseline: () => output, canary: () => output })
    const times = Array.from({ length: 3 }, () => {
      const begun = performance.now()
      call()
      return performance.now() - begun
    })
    expect(Math.min(...times)).toBeLessThan(50) // listing their names takes hundreds of milliseconds
  })

  it.each<[string, () => object]>([
    [
      'that somebody reads already',
      () => {
        const stream = webStream()
        stream.getReader()
        return { stream }
      },
    ],
    ['that cannot be exchanged', () => Object.freeze({ stream: webStream() })],
  ])('%s is no evidence, and stays as it is', async (_, make) => {
    const given = make()
    const { stream } = given as { stream: unknown }
    const { output, counts } = await served(given)
    expect((output as typeof given & { stream: unknown }).stream).toBe(stream)
    expect(counts()).toEqual({ 'v2 ignored': 1 })
  })

  it('that reads by itself is that stream, with its time', async () => {
    const listeners = new Map<string, () => void>()
    const stream = {
      ...{ ended: false, errored: false, aborted: false },
      on: (event: string, listener: () => void) => void listeners.set(event, listener),
      [Symbol.asyncIterator]: tokens,
    }
    const { counts, clock, canary, output } = await served({ stream, log: tokens() })
    await read(output.log)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await clock.advance(70)
    listeners.get('end')!()
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.metrics().v2.avgLatencyMs).toBe(70)
  })

  it('that comes too late is cancelled', async () => {
    const { canary, clock } = await stage()
    const stream = Readable.from(tokens())
    let arrive = (_: object) => {}
    const late = () => new Promise<object>((resolve) => (arrive = resolve))
    const output = canary.wrap({ baseline: late, canary: late }, { timeoutMs: 100 })()
    await Promise.all([errorOf(() => output), clock.advance(100)])
    arrive({ stream })
    await expect.poll(() => stream.destroyed).toBe(true)
  })
})
