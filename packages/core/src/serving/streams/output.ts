import { isAsyncIterable, observeAsyncIterable, releaseAsyncIterable } from './async-iterable.js'
import { isEventedStream, observeEventedStream } from './evented-stream.js'
import { isHolder, observeHolder, releaseHolder } from './holder.js'
import { isNodeStream } from './node-readable.js'
import { observeNodeStream, releaseNodeStream } from './node-stream.js'
import { isObservable, observeObservable } from './observable.js'
import { isWebStream, observeReadableStream } from './readable-stream.js'
import { isMessage, isResponse, observeMessage, observeResponse, releaseResponse } from './response.js'
import type { StreamObserver } from './stream-observer.js'
import { isSyncIterator, observeSyncIterator } from './sync-iterator.js'

/**
 * Returns a function that watches an output which is not complete when returned, such as a stream; `undefined` if the
 * output is complete. The function returns the output for the caller: the same object if it can be watched in place, or
 * `undefined` if there is nothing to watch after all.
 */
export function watchFor(output: unknown): ((observer: StreamObserver) => object | undefined) | undefined {
  if (typeof output !== 'object' || output === null) return undefined
  if (isMessage(output)) return (observer) => observeMessage(output, observer)
  if (isNodeStream(output)) return (observer) => observeNodeStream(output, observer)
  if (isWebStream(output)) return (observer) => observeReadableStream(output, observer)
  if (isResponse(output)) return (observer) => observeResponse(output, observer)
  if (isAsyncIterable(output)) {
    if (isEventedStream(output)) return (observer) => observeEventedStream(output, observer)
    return (observer) => observeAsyncIterable(output, observer)
  }
  if (isObservable(output)) return (observer) => observeObservable(output, observer)
  if (isSyncIterator(output)) return (observer) => observeSyncIterator(output, observer)
  return isHolder(output) ? (observer) => observeHolder(output, observer) : undefined
}

/**
 * Returns whether an output can be replaced before its first chunk: a stream of chunks and nothing else. The caller of a
 * message of Node's client may hold its status and headers.
 */
export const isReplaceable = (output: unknown): boolean => isStream(output) && !isMessage(output as object)

/** Returns whether an output is a stream of chunks. */
export function isStream(output: unknown): boolean {
  if (typeof output !== 'object' || output === null) return false
  return isNodeStream(output) || isWebStream(output) || (isAsyncIterable(output) && !isEventedStream(output))
}

/**
 * Returns whether an output is read piece by piece and has no form in JSON of its own: a stream, a response, a
 * generator or an observable. Their own members would be the text. Never throws.
 */
export function isPiecemeal(output: unknown): boolean {
  if (typeof output !== 'object' || output === null) return false
  try {
    if (typeof (output as { readonly toJSON?: unknown }).toJSON === 'function') return false
    return (
      isStream(output) ||
      isResponse(output) ||
      isAsyncIterable(output) ||
      isObservable(output) ||
      isSyncIterator(output)
    )
  } catch {
    return false // a getter of the output threw
  }
}

/** Releases an output that will not be read. Never throws. */
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
