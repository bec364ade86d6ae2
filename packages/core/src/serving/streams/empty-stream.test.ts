import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { stage } from '../stage.fixture.js'

async function* chunks(count: number) {
  for (let chunk = 0; chunk < count; chunk += 1) yield `${chunk}`
}

function* computed(count: number) {
  for (let chunk = 0; chunk < count; chunk += 1) yield `${chunk}`
}

async function readAll(stream: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** An observable that completes after some values. */
const observableOf = (count: number) => ({
  pipe() {},
  subscribe(told: { next?(value: unknown): void; complete?(): void }) {
    for (const value of computed(count)) told.next?.(value)
    told.complete?.()
  },
})

const webStreamOf = (count: number) =>
  new ReadableStream<string>({
    start(controller) {
      for (const chunk of computed(count)) controller.enqueue(chunk)
      controller.close()
    },
  })

const nodeStreamOf = (count: number) => {
  const stream = new PassThrough()
  for (const chunk of computed(count)) stream.write(chunk)
  return stream.end()
}

/** What a model returns with some chunks, and how its caller reads it. */
const KINDS: Readonly<Record<string, { make(count: number): object; read(given: never): unknown }>> = {
  'an async generator': { make: chunks, read: readAll },
  'a generator': { make: computed, read: readAll },
  'an async iterable': { make: (count) => ({ [Symbol.asyncIterator]: () => chunks(count) }), read: readAll },
  'a web stream': { make: webStreamOf, read: readAll },
  'a Node stream': { make: nodeStreamOf, read: readAll },
  'a Node stream of an iterable': { make: (count) => Readable.from(chunks(count)), read: readAll },
  'an observable': {
    make: observableOf,
    read: (source: ReturnType<typeof observableOf>) => source.subscribe({ next() {} }),
  },
  'an object with a stream': {
    make: (count) => ({ textStream: chunks(count) }),
    read: ({ textStream }: { textStream: AsyncIterable<string> }) => readAll(textStream),
  },
}

/** Serves one call of a model, reads what it gave, and returns what was counted. */
async function countsOf<Output>(model: () => Output, read: (output: Awaited<Output>) => unknown) {
  const { canary } = await stage()
  const output: unknown = await canary.run({}, model)
  await read(output as Awaited<Output>)
  const { successCount, unansweredCount } = canary.metrics().v2
  return { successCount, unansweredCount }
}

describe('a stream that ends without a chunk', () => {
  it.each(Object.entries(KINDS))('is a success that gave no answer: %s', async (_, { make, read }) => {
    expect(await countsOf(() => make(0) as never, read)).toEqual({ successCount: 1, unansweredCount: 1 })
    expect(await countsOf(() => make(1) as never, read)).toEqual({ successCount: 1, unansweredCount: 0 })
  })

  it('is an error if classify says so, and an error is an answer', async () => {
    const { canary } = await stage()
    const model = () => chunks(0)
    const classify = () => 'error' as const
    await readAll(await canary.wrap({ baseline: model, canary: model }, { classify })())
    expect(canary.metrics().v2).toMatchObject({ errorCount: 1, unansweredCount: 0 })
  })

  it('was overdue before it ended: it counts once', async () => {
    const { canary, clock } = await stage()
    const stream = new PassThrough()
    const read = readAll(await canary.run({}, () => stream))
    await clock.advance(60_000)
    expect(canary.metrics().v2).toMatchObject({ successCount: 0, unansweredCount: 1 })
    stream.end()
    await read
    expect(canary.metrics().v2).toMatchObject({ successCount: 1, unansweredCount: 1 })
  })

  it('gives no time to a first chunk', async () => {
    const { canary } = await stage()
    await readAll(await canary.run({}, () => chunks(0)))
    expect(canary.metrics().v2.metrics).toEqual({})
  })
})

describe('a stream whose chunks could not all be observed is an answer when it ends', () => {
  it('because the model has read it, as when it sends the response itself', async () => {
    const begun = () => {
      const stream = new PassThrough()
      stream.write('a')
      stream.read()
      return stream
    }
    expect(await countsOf(begun, (stream) => readAll(stream.end()))).toEqual({ successCount: 1, unansweredCount: 0 })
  })

  it('because it had ended before', async () => {
    const over = async () => {
      const stream = Readable.from(['a'])
      await stream.toArray()
      return stream
    }
    expect(await countsOf(over, () => {})).toEqual({ successCount: 1, unansweredCount: 0 })
  })

  it('because it is a helper that names its events otherwise', async () => {
    class Helper extends EventEmitter {
      ended = false
      readonly errored = false
      readonly aborted = false;
      [Symbol.asyncIterator]() {
        return chunks(0)
      }
      finish(): void {
        this.emit('piece', 'a')
        this.ended = true
        this.emit('end')
      }
    }
    const counts = await countsOf(
      () => new Helper(),
      (helper) => helper.finish(),
    )
    expect(counts).toEqual({ successCount: 1, unansweredCount: 0 })
  })

  it('because it has no push that could be observed', async () => {
    const model = () => Object.assign(new EventEmitter(), { pipe() {}, read: () => null })
    const counts = await countsOf(model, (stream) => {
      stream.emit('data', 'a')
      stream.emit('end')
    })
    expect(counts).toEqual({ successCount: 1, unansweredCount: 0 })
  })

  it('but not before: as long as it gives nothing it is overdue', async () => {
    const { canary, clock } = await stage()
    const silent = Object.assign(new EventEmitter(), { pipe() {}, read: () => null })
    await canary.run({}, () => silent)
    silent.read()
    await clock.advance(60_000)
    expect(canary.metrics().v2.unansweredCount).toBe(1)
  })
})

describe('the empty body of a response', () => {
  it('is an answer: its caller has the status and the headers', async () => {
    const counts = await countsOf(
      async () => new Response(''),
      (response) => response.text(),
    )
    expect(counts).toEqual({ successCount: 1, unansweredCount: 0 })
  })
})

describe('a call of begin', () => {
  it('that ended without output is unanswered', async () => {
    const { canary } = await stage()
    canary.begin({}).end({ hasOutput: false })
    canary.begin({}).end({ hasOutput: true })
    canary.begin({}).end()
    expect(canary.metrics().v2).toMatchObject({ successCount: 3, unansweredCount: 1 })
  })
})
