import { isAsyncIterable, observeAsyncIterable, releaseAsyncIterable } from './async-iterable.js'
import { isEventedStream, observeEventedStream } from './evented-stream.js'
import { isHolder, observeHolder, releaseHolder } from './holder.js'
import { isNodeStream, observeNodeStream, releaseNodeStream } from './node-stream.js'
import { isObservable, observeObservable } from './observable.js'
import { isWebStream, observeReadableStream } from './readable-stream.js'
import { isResponse, observeResponse, releaseResponse } from './response.js'
import type { StreamObserver } from './stream-observer.js'
import { isSyncIterator, observeSyncIterator } from './sync-iterator.js'

/**
 * Watches an output that is not complete when it is given, such as a stream, to its end. Returns what the caller is to
 * get: the same object where it can be watched in place; `undefined` where the output is complete as it is.
 */
export function observeOutput(output: unknown, observer: StreamObserver): object | undefined {
  if (typeof output !== 'object' || output === null) return undefined
  if (isNodeStream(output)) return observeNodeStream(output, observer)
  if (isWebStream(output)) return observeReadableStream(output, observer)
  if (isResponse(output)) return observeResponse(output, observer)
  if (isAsyncIterable(output)) {
    return isEventedStream(output) ? observeEventedStream(output, observer) : observeAsyncIterable(output, observer)
  }
  if (isObservable(output)) return observeObservable(output, observer)
  if (isSyncIterator(output)) return observeSyncIterator(output, observer)
  return isHolder(output) ? observeHolder(output, observer) : undefined
}

/** Whether an output is a stream of chunks, which another one can take the place of before its first. */
export function isStream(output: unknown): boolean {
  if (typeof output !== 'object' || output === null) return false
  return isNodeStream(output) || isWebStream(output) || (isAsyncIterable(output) && !isEventedStream(output))
}

/** Lets go of an output that nobody will read. Never throws. */
export function releaseOutput(output: unknown): void {
  if (typeof output !== 'object' || output === null) return
  try {
    if (isNodeStream(output)) releaseNodeStream(output)
    else if (isWebStream(output)) output.cancel().catch(() => {})
    else if (isResponse(output)) releaseResponse(output, releaseOutput)
    else if (isAsyncIterable(output)) {
      if (isEventedStream(output)) output.abort?.()
      else releaseAsyncIterable(output)
    } else if (isHolder(output)) releaseHolder(output, releaseOutput)
  } catch {}
}
