import { isNodeStream, type NodeStream } from './node-readable.js'
import { isWebStream, readsBytes } from './readable-stream.js'
import { createRescueTurn, type RescueTurn } from './rescue-turn.js'
import { type Rescue, type RescuedPull, rescuedPull } from './rescued-pull.js'
import { ignore, iteratorSource, type Step, sourceOf } from './stream-source.js'

/** The object in front of a stream, kept because a model may return the same stream again. */
interface Place {
  readonly front: object
  readonly turn: RescueTurn
}

const places = new WeakMap<object, Place>()

/**
 * Returns a stream that switches to another one if the given stream fails or stays silent before its first chunk: the
 * same iterator or iterable, a web stream, or a plain Node `Readable`. Nothing is read ahead. A stream that cannot be
 * rescued is returned unchanged. A stream that is given again gets the same result as the first time.
 */
export function rescuedStream(stream: object, rescue: Rescue): object {
  const before = places.get(stream)
  if (before !== undefined) {
    before.turn.give(rescue)
    return before.front
  }
  const turn = createRescueTurn(rescue)
  const front = frontOf(stream, turn)
  places.set(stream, { front, turn })
  return front
}

function frontOf(stream: object, turn: RescueTurn): object {
  if (isNodeStream(stream)) return rescuedNodeStream(stream, turn.once)
  if (isWebStream(stream)) return stream.locked ? stream : rescuedWebStream(stream, turn.once)
  if (isIterator(stream)) return rescueIterator(stream, turn.once)
  const iterate = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]
  define(stream, Symbol.asyncIterator, () => {
    const rescue = turn.take()
    const iterator: unknown = iterate.call(stream)
    return typeof iterator === 'object' && iterator !== null ? rescuedStream(iterator, rescue) : iterator
  })
  return stream
}

const isIterator = (value: object): value is AsyncIterator<unknown> =>
  'next' in value && typeof value.next === 'function'

/** Changes the iterator in place, which preserves its class and its other members. */
function rescueIterator(iterator: AsyncIterator<unknown>, rescue: Rescue): AsyncIterator<unknown> {
  const { throw: raise } = iterator
  const pull = rescuedPull(iteratorSource(iterator), rescue)
  if (!define(iterator, 'next', pull.next)) return iterator
  define(iterator, 'return', pull.leave)
  if (raise !== undefined) {
    define(iterator, 'throw', async (error?: unknown) => {
      pull.left(error)
      if (!pull.isReplaced()) return raise.call(iterator, error)
      await pull.leave()
      throw error
    })
  }
  return iterator
}

function rescuedWebStream(stream: ReadableStream, rescue: Rescue): ReadableStream {
  const isByteStream = readsBytes(stream)
  const pull = rescuedPull(sourceOf(stream), rescue)
  const source = {
    async pull(controller: ReadableStreamDefaultController<never> | ReadableByteStreamController) {
      const { done, value } = await (isByteStream ? nextBytes(pull) : pull.next())
      if (!done) return controller.enqueue(value as never)
      controller.close()
      if ('byobRequest' in controller) controller.byobRequest?.respond(0)
    },
    async cancel(reason: unknown) {
      await pull.leave(reason)
    },
  }
  return isByteStream
    ? new ReadableStream({ type: 'bytes', ...source })
    : new ReadableStream(source, { highWaterMark: 0 })
}

/**
 * Returns the next chunk for a byte stream. Empty chunks are skipped. A byte stream detaches the whole memory of a
 * chunk, so a chunk from another kind of stream is copied: its memory may be in use, like that of a pooled Buffer.
 */
async function nextBytes(pull: RescuedPull): Promise<Step> {
  const step = await pull.next()
  const { done, value } = step
  if (done || !pull.isReplaced() || !ArrayBuffer.isView(value)) return step
  if (value.byteLength === 0) return nextBytes(pull)
  return { done: false, value: Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) }
}

/** The constructor of the class `Readable`. */
type ReadableClass = new (options: {
  readonly objectMode: boolean
  readonly highWaterMark: number
  read(): void
  destroy(error: unknown, done: (error?: unknown) => void): void
}) => NodeStream & Encoded

interface Encoded {
  readonly readableObjectMode?: boolean
  readonly readableEncoding?: string | null
  setEncoding?(encoding: string): unknown
}

/** Returns a stream in front of a Node stream, of its base class: a failed Node stream cannot be restarted. */
function rescuedNodeStream(stream: NodeStream & Encoded, rescue: Rescue): NodeStream {
  const Readable = readableClassOf(stream)
  const { readableObjectMode: objectMode = false, readableEncoding } = stream
  if (Readable === undefined || stream.readableEnded || !(Symbol.asyncIterator in stream)) return stream
  const pull = rescuedPull(sourceOf(stream), rescue)
  const read = (): void => {
    pull.next().then(
      ({ done, value }) => {
        if (!done && !objectMode && (value as string | Uint8Array).length === 0) return read()
        front.push?.((done ? null : value) as never, (readableEncoding ?? undefined) as never)
      },
      (error: unknown) => front.destroy?.(error),
    )
  }
  const front = new Readable({
    objectMode,
    highWaterMark: 0,
    read,
    destroy(error, done) {
      ignore(pull.leave(error ?? undefined))
      done(error)
    },
  })
  if (readableEncoding) front.setEncoding?.(readableEncoding)
  return front
}

/** Returns the class that has `read` and `unshift` as its own methods. */
function readableClassOf(stream: object): ReadableClass | undefined {
  let prototype: object | null = Object.getPrototypeOf(stream)
  while (prototype !== null && !(Object.hasOwn(prototype, 'read') && Object.hasOwn(prototype, 'unshift'))) {
    prototype = Object.getPrototypeOf(prototype)
  }
  return prototype?.constructor as ReadableClass | undefined
}

function define(target: object, name: PropertyKey, value: unknown): boolean {
  return Reflect.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
}
