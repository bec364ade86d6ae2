import { equal } from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { createDeferred } from './patience.js'
import { only, type Play } from './play.js'
import type { AdapterRoute } from './setup.js'

type Chunks = AsyncGenerator<Buffer, void, undefined>

/** How a model can hand over a stream, and how it then becomes the body of a response. */
const KINDS = {
  'an async iterable': (chunks: Chunks): Model => ({ stream: () => chunks, toBody: Readable.from }),
  'a web stream': (chunks: Chunks): Model => ({
    stream: () => toWebStream(chunks),
    toBody: (stream) => Readable.fromWeb(stream as NodeReadableStream),
  }),
  'a Node stream': (chunks: Chunks): Model => ({
    stream: () => Readable.from(chunks),
    toBody: (stream) => stream as Readable,
  }),
}

interface Model {
  readonly stream: () => unknown
  readonly toBody: (stream: never) => Readable
}

type Kind = keyof typeof KINDS

/** A stream counts when it is over, and its end is what the model made of it, not the status it began with. */
export const streamRules = (play: Play) => {
  const readToItsEnd = (kind: Kind) =>
    play(async ({ canary, open, within, expectSoon }) => {
      const end = createDeferred()
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching }], routes: [streaming(kind, thenAfter(end.promise))] })
      const response = await within('the head of the response', app.open('/predict').response)
      await within('the first chunk', once(response, 'data'))
      await expectSoon(watching, { 'v2 in flight': 1 })
      end.resolve()
      await within('the end of the response', once(response.resume(), 'end'))
      await app.expectInTheEnd(watching, { 'v2 success': 1 })
    })

  const diesHalfWay = (kind: Kind) =>
    play(async ({ canary, open, within, expectSoon }) => {
      const death = createDeferred()
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching }], routes: [streaming(kind, thenAfter(death.promise))] })
      const client = app.open('/predict')
      const response = await within('the head of the response', client.response)
      await within(
        'the first chunk',
        once(
          response.on('error', () => {}),
          'data',
        ),
      )
      death.reject(new Error('the model died'))
      await expectSoon(watching, { 'v2 error': 1 })
      equal(response.statusCode, 200)
      client.leave() // not every framework cuts the connection
      await app.expectInTheEnd(watching, { 'v2 error': 1 })
    })

  const isLeft = (kind: Kind) =>
    play(async ({ canary, open, within }) => {
      const released = createDeferred()
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching }], routes: [streaming(kind, endless(released.resolve))] })
      const client = app.open('/predict')
      const response = await within('the head of the response', client.response)
      await within(
        'the first chunk',
        once(
          response.on('error', () => {}),
          'data',
        ),
      )
      client.leave()
      await app.expectInTheEnd(watching, { 'v2 aborted': 1 })
      await within('the model’s stream is released', released.promise)
    })

  return {
    'counts an async iterable that is read to its end as one success': readToItsEnd('an async iterable'),
    'counts a web stream that is read to its end as one success': readToItsEnd('a web stream'),
    'counts a Node stream that is read to its end as one success': readToItsEnd('a Node stream'),
    'counts an async iterable that dies half way as one error': diesHalfWay('an async iterable'),
    'counts a web stream that dies half way as one error': diesHalfWay('a web stream'),
    'counts a Node stream that dies half way as one error': diesHalfWay('a Node stream'),
    'counts an async iterable that the client leaves as one abort, and releases it': isLeft('an async iterable'),
    'counts a web stream that the client leaves as one abort, and releases it': isLeft('a web stream'),
    'counts a Node stream that the client leaves as one abort, and releases it': isLeft('a Node stream'),
  }
}

function streaming(kind: Kind, chunks: Chunks): AdapterRoute {
  const { stream, toBody } = KINDS[kind](chunks)
  return {
    path: '/predict',
    answer: ({ canary }) => ({ body: toBody(canary.run(only(stream)) as never) }),
  }
}

/** One chunk, and then whatever comes. */
async function* thenAfter(fate: Promise<void>): Chunks {
  yield Buffer.from('first ')
  await fate
  yield Buffer.from('last')
}

/** More than any buffer holds, so that the source waits for the reader. */
async function* endless(release: () => void): Chunks {
  try {
    for (;;) yield Buffer.alloc(65_536)
  } finally {
    release()
  }
}

function toWebStream(chunks: Chunks): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done === true) return controller.close()
        controller.enqueue(value)
      },
      async cancel() {
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}
