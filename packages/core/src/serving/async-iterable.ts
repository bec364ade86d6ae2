import type { StreamObserver } from './stream.js'

/** Watches an async iterable in place, so that its class, its identity and its other members stay. */
export function observeAsyncIterable<Chunk>(
  iterable: AsyncIterable<Chunk>,
  observer: StreamObserver,
): AsyncIterable<Chunk> {
  try {
    if ('next' in iterable && typeof iterable.next === 'function') {
      watch(iterable as AsyncIterableIterator<Chunk>, observer)
      return iterable
    }
    const iterate = iterable[Symbol.asyncIterator]
    define(iterable, Symbol.asyncIterator, () => watch(iterate.call(iterable), observer))
  } catch {
    observer.ended() // a frozen object cannot be watched: the call is counted, its stream is not
  }
  return iterable
}

function watch<Chunk>(iterator: AsyncIterator<Chunk>, observer: StreamObserver): AsyncIterator<Chunk> {
  const { next, return: leave, throw: raise } = iterator
  define(iterator, 'next', (...input: [] | [unknown]) => seen(() => next.apply(iterator, input as []), observer))
  if (leave !== undefined) {
    define(iterator, 'return', (value?: unknown) => {
      observer.abandoned()
      return leave.call(iterator, value)
    })
  }
  if (raise !== undefined)
    define(iterator, 'throw', (error?: unknown) => seen(() => raise.call(iterator, error), observer))
  return iterator
}

async function seen<Chunk>(
  pull: () => Promise<IteratorResult<Chunk>>,
  observer: StreamObserver,
): Promise<IteratorResult<Chunk>> {
  try {
    const result = await pull()
    if (result.done) observer.ended()
    else observer.firstChunk()
    return result
  } catch (error) {
    observer.failed(error)
    throw error
  }
}

function define(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
}
