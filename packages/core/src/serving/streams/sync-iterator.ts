import { observeOnce } from './audience.js'
import { override } from './override-member.js'
import { tellStep } from './step.js'
import type { StreamObserver } from './stream-observer.js'

/** Returns whether a value is a generator or another iterator over itself, and not a complete collection. */
export const isSyncIterator = (value: object): value is IterableIterator<unknown> =>
  'next' in value &&
  typeof value.next === 'function' &&
  Symbol.iterator in value &&
  typeof value[Symbol.iterator] === 'function'

/** Watches a synchronous iterator in place, because it computes while it is read. */
export function observeSyncIterator<Iterator extends IterableIterator<unknown>>(
  iterator: Iterator,
  observer: StreamObserver,
): Iterator {
  observeOnce(iterator, observer, ({ everybody }) => {
    everybody.parked(true)
    const { next, return: leave, throw: raise } = iterator
    const seen = (
      pull: () => IteratorResult<unknown>,
      given?: { readonly error: unknown },
    ): IteratorResult<unknown> => {
      everybody.parked(false)
      try {
        const result = pull()
        everybody.parked(true)
        tellStep(result, everybody)
        return result
      } catch (error) {
        if (given !== undefined && error === given.error) everybody.abandoned()
        else everybody.failed(error)
        throw error
      }
    }
    override(iterator, 'next', (...input: [] | [unknown]) => seen(() => next.apply(iterator, input)))
    override(iterator, 'return', (value?: unknown) => {
      everybody.abandoned()
      return leave === undefined ? { done: true, value } : leave.call(iterator, value)
    })
    if (raise !== undefined)
      override(iterator, 'throw', (error?: unknown) => seen(() => raise.call(iterator, error), { error }))
  })
  return iterator
}
