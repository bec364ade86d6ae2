import { type Audience, observeOnce } from './audience.js'
import { override } from './override-member.js'
import { noIterator, tellStep } from './step.js'
import type { StreamObserver } from './stream-observer.js'

/** Watches an async iterable in place, which preserves its class, its identity and its other members. */
export function observeAsyncIterable<Chunk>(
  iterable: AsyncIterable<Chunk>,
  observer: StreamObserver,
): AsyncIterable<Chunk> {
  observeOnce(iterable, observer, (audience) => {
    audience.everybody.parked(true)
    if (isIterator<Chunk>(iterable)) watchIterator(iterable, audience.everybody)
    else watchIterations(iterable, audience)
  })
  return iterable
}

/** Ends an async iterable that will not be read, if it has started by itself. */
export function releaseAsyncIterable(iterable: AsyncIterable<unknown>): void {
  if (isIterator(iterable)) iterable.return?.().then(undefined, () => {})
}

/** Returns whether a value is an async iterable. */
export const isAsyncIterable = (value: object): value is AsyncIterable<unknown> =>
  Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function'

const isIterator = <Chunk>(value: AsyncIterable<Chunk>): value is AsyncIterableIterator<Chunk> =>
  'next' in value && typeof value.next === 'function'

/** The members with which vendors' streams are read and split; all of them use `iterator`. */
interface Splittable {
  iterator(): AsyncIterator<unknown>
}

const isSplittable = (value: object): value is Splittable =>
  'iterator' in value && typeof value.iterator === 'function' && 'tee' in value && typeof value.tee === 'function'

function watchIterations(iterable: AsyncIterable<unknown>, audience: Audience): void {
  const name = isSplittable(iterable) ? 'iterator' : Symbol.asyncIterator
  const begin = (iterable as unknown as Record<PropertyKey, () => AsyncIterator<unknown>>)[name]!
  attempt(audience.everybody, () =>
    override(iterable, name, () => {
      const observer = audience.next()
      try {
        const iterator = begin.call(iterable)
        if (!canBeRead(iterator)) {
          observer.failed(noIterator())
          return iterator // the reader gets the TypeError of the language
        }
        observeOnce(iterator, observer, ({ everybody }) => void watchIterator(iterator, everybody)) // may recur
        return iterator
      } catch (error) {
        observer.failed(error)
        throw error
      }
    }),
  )
}

function watchIterator<Iterator extends AsyncIterator<unknown>>(
  iterator: Iterator,
  observer: StreamObserver,
): Iterator {
  const { next, return: leave, throw: raise } = iterator
  attempt(observer, () => {
    override(iterator, 'next', (...input: [] | [unknown]) => seen(() => next.apply(iterator, input as []), observer))
    override(iterator, 'return', async (value?: unknown) => {
      observer.abandoned()
      return leave === undefined ? { done: true, value } : leave.call(iterator, value)
    })
    if (raise !== undefined)
      override(iterator, 'throw', (error?: unknown) => seen(() => raise.call(iterator, error), observer, { error }))
  })
  return iterator
}

const canBeRead = (iterator: unknown): boolean =>
  typeof iterator === 'object' && iterator !== null && typeof (iterator as { next?: unknown }).next === 'function'

/** Applies a change, or reports the stream as unseen: a frozen object cannot be watched. */
function attempt(observer: StreamObserver, change: () => void): void {
  try {
    change()
  } catch {
    observer.unseen()
  }
}

/** Reports a step. A reader can also leave with an error, such as that of a lost sink, which comes back as `given`. */
async function seen<Chunk>(
  pull: () => Promise<IteratorResult<Chunk>>,
  observer: StreamObserver,
  given?: { readonly error: unknown },
): Promise<IteratorResult<Chunk>> {
  observer.parked(false)
  try {
    const result = await pull()
    observer.parked(true)
    tellStep(result, observer)
    return result
  } catch (error) {
    if (given !== undefined && error === given.error) observer.abandoned()
    else observer.failed(error)
    throw error
  }
}
