import type { StreamObserver } from './stream-observer.js'

/** Watches an async iterable in place, so that its class, its identity and its other members stay. */
export function observeAsyncIterable<Chunk>(
  iterable: AsyncIterable<Chunk>,
  observer: StreamObserver,
): AsyncIterable<Chunk> {
  if (isIterator<Chunk>(iterable)) return watch(iterable, observer)
  const iterate = iterable[Symbol.asyncIterator]
  return attempt(iterable, observer, () =>
    define(iterable, Symbol.asyncIterator, () => {
      try {
        return watch(iterate.call(iterable), observer)
      } catch (error) {
        observer.failed(error)
        throw error
      }
    }),
  )
}

/** Ends an async iterable that nobody will read, if it has begun by itself. */
export function releaseAsyncIterable(iterable: AsyncIterable<unknown>): void {
  if (isIterator(iterable)) iterable.return?.().then(undefined, () => {})
}

const isIterator = <Chunk>(value: AsyncIterable<Chunk>): value is AsyncIterableIterator<Chunk> =>
  'next' in value && typeof value.next === 'function'

function watch<Iterator extends AsyncIterator<unknown>>(iterator: Iterator, observer: StreamObserver): Iterator {
  const { next, return: leave, throw: raise } = iterator
  return attempt(iterator, observer, () => {
    define(iterator, 'next', (...input: [] | [unknown]) => seen(() => next.apply(iterator, input as []), observer))
    define(iterator, 'return', async (value?: unknown) => {
      observer.abandoned()
      return leave === undefined ? { done: true, value } : leave.call(iterator, value)
    })
    if (raise !== undefined)
      define(iterator, 'throw', (error?: unknown) => seen(() => raise.call(iterator, error), observer))
  })
}

/** A frozen object cannot be watched: the call is counted, its stream is not. */
function attempt<Target>(target: Target, observer: StreamObserver, change: () => void): Target {
  try {
    change()
  } catch {
    observer.ended()
  }
  return target
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
