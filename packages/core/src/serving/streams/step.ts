import type { StreamObserver } from './stream-observer.js'

/** Returns the error of an invalid iterator. */
export const noIterator = (): TypeError => new TypeError('the iterator or its result is not a readable object')

/**
 * Reports one step of an iterator. An invalid step is a failure: a loop then ends with an error, without a call of
 * `return`.
 *
 * @throws what a getter of the step throws, as it would for the reader
 */
export function tellStep(step: unknown, observer: StreamObserver): void {
  if ((typeof step !== 'object' && typeof step !== 'function') || step === null) {
    observer.failed(noIterator())
    return
  }
  const { done, value: _looked } = step as IteratorResult<unknown>
  if (done) observer.ended()
  else observer.chunk()
}
