import type { StreamObserver } from './stream-observer.js'

/** The error of what is no iterator. */
export const noIterator = (): TypeError => new TypeError('the iterator, or its result, is no object that can be read')

/**
 * Tells of one step of an iterator. What the language cannot read is a failure: a loop ends there with an error, and does
 * not say that it leaves.
 *
 * @throws what a getter of the step throws, as it would for whoever reads it
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
