import { PassThrough, pipeline, Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { errorOf, stage } from '../stage.fixture.js'

async function* endless() {
  for (;;) yield await new Promise<string>((resolve) => setImmediate(resolve, 'chunk'))
}

const open = () => new Readable({ read() {} }).on('error', () => {})
const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() }).on('error', () => {})

const served = async <Output>(make: () => Output) => {
  const staged = await stage()
  return { ...staged, stream: staged.canary.wrap({ baseline: make, canary: make })() }
}

/** As much of a response as tells that it is one. */
const response = (state: object) => Object.assign(sink(), { statusCode: 200, ...state })

const sinks: Writable[] = []

const turn = () => new Promise(setImmediate)

describe('a reader that leaves', () => {
  it.each<[string, (stream: Readable) => unknown]>([
    ['takes its pipe away and destroys the stream', (stream) => stream.unpipe().destroy()],
    ['takes one pipe away by name and destroys the stream', (stream) => stream.unpipe(sinks.at(-1)).destroy()],
    ['destroys what it pipes into', () => sinks.at(-1)!.destroy()],
    ['destroys both', (stream) => sinks.at(-1)!.destroy() && stream.destroy()],
  ])('aborts a piped stream when it %s', async (_, leave) => {
    const { stream, counts } = await served(open)
    sinks.push(sink())
    stream.pipe(sinks.at(-1)!)
    leave(stream)
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('aborts an endless stream by destroying it', async () => {
    const { stream, counts } = await served(() => Readable.from(endless()))
    stream.once('data', () => stream.destroy())
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('that has sent its whole response does not make the stream an error', async () => {
    const { stream, counts } = await served(open)
    const answer = response({ req: { socket: { destroyed: false, readableEnded: false } } })
    stream.pipe(answer)
    answer.end('enough')
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('that closes its connection has left even before the response closes', async () => {
    const { stream, counts } = await served(open)
    stream.pipe(response({ req: { socket: { destroyed: true, readableEnded: true } } }))
    stream.destroy(new Error('closed'))
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('leaves a generator through a Node stream on top', async () => {
    const { stream, counts } = await served(endless)
    const left = sink()
    pipeline(Readable.from(stream), left, () => {})
    await turn()
    left.destroy()
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('leaves a generator by an error of its own, but one that fails over it is an error', async () => {
    const { canary, counts } = await stage()
    let isWorse = false
    const model = function* () {
      try {
        yield 1
      } catch (error) {
        throw isWorse ? new Error('cannot clean up') : error
      }
    }
    const later = async function* () {
      yield* model()
    }
    const call = canary.wrap({ baseline: model, canary: model })
    const callLater = canary.wrap({ baseline: later, canary: later })
    for (isWorse of [false, true]) {
      for (const stream of [call(), callLater()]) {
        await stream.next()
        await errorOf(async () => stream.throw(new Error('no more')))
      }
    }
    expect(counts()).toEqual({ 'v2 aborted': 2, 'v2 error': 2 })
  })
})

describe('a sink that closes', () => {
  it.each<[string, (stream: Readable) => unknown]>([
    ['listens for data', (stream) => stream.on('data', () => {})],
    ['listens for what is readable', (stream) => stream.on('readable', () => stream.read())],
    [
      'reads step by step',
      (stream) =>
        stream[Symbol.asyncIterator]()
          .next()
          .catch(() => {}),
    ],
    ['has an iterator, and has not asked it yet', (stream) => stream[Symbol.asyncIterator]()],
    ['pipes it elsewhere', (stream) => stream.pipe(sink())],
  ])('does not end a stream while another reader %s', async (_, read) => {
    const { stream, counts } = await served(open)
    const closing = sink()
    stream.pipe(closing)
    read(stream)
    closing.destroy()
    await new Promise((resolve) => closing.on('close', resolve))
    await turn()
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    stream.destroy()
  })

  it('after unpipe does not end the stream', async () => {
    const { stream, counts } = await served(open)
    const closing = sink()
    stream.pipe(closing)
    stream.unpipe(closing)
    closing.destroy()
    await new Promise((resolve) => closing.on('close', resolve))
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    stream.push(null)
    await stream.toArray()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('late has no listeners of ended streams', async () => {
    const { canary } = await stage()
    const call = canary.wrap({ baseline: () => Readable.from(['a']), canary: () => Readable.from(['a']) })
    const kept = new PassThrough().resume()
    const before = kept.listenerCount('close')
    for (let count = 0; count < 3; count += 1) {
      const stream = call()
      stream.pipe(kept, { end: false })
      await new Promise((resolve) => stream.on('close', resolve))
    }
    expect(kept.listenerCount('close')).toBe(before)
  })
})

describe('a source', () => {
  it('that closes without an error or an end while it is piped is an error', async () => {
    const { stream, counts } = await served(open)
    stream.pipe(sink())
    stream.destroy()
    await expect.poll(counts).toEqual({ 'v2 error': 1 })
  })

  it('whose own request was aborted is an error, whatever the name of the error is', async () => {
    const { stream, counts } = await served(open)
    stream.destroy(new DOMException('the upstream was aborted', 'AbortError'))
    await expect.poll(counts).toEqual({ 'v2 error': 1 })
  })

  it('that has given something before it was returned has its first chunk at once', async () => {
    const { stream, canary } = await served(() => {
      const filled = open()
      filled.push('chunk')
      return filled
    })
    stream.push(null)
    await stream.toArray()
    expect(canary.metrics().v2.metrics).toEqual({ timeToFirstChunkMs: { count: 1, mean: 0 } })
  })
})
