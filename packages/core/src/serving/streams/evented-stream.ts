import { observeOnce } from './audience.js'
import type { StreamObserver } from './stream-observer.js'

/** A stream helper of a vendor's client: it reads by itself, and reports progress with events and getters. */
export interface EventedStream extends AsyncIterable<unknown> {
  readonly ended: boolean
  readonly errored: boolean
  readonly aborted: boolean
  on(event: string, listener: () => void): unknown
  abort?(): void
}

/** Returns whether a value is such a helper, by its getters. */
export const isEventedStream = (value: AsyncIterable<unknown>): value is EventedStream =>
  'on' in value &&
  typeof value.on === 'function' &&
  ['ended', 'errored', 'aborted'].every((name) => typeof (value as never)[name] === 'boolean')

/** The events with which the helpers report chunks. */
const CHUNKS = ['chunk', 'streamEvent', 'event']

/**
 * Watches a helper to its end. It listens only to events without side effects: a listener for `error`, or a call of
 * `done()`, would hide an unhandled error.
 */
export function observeEventedStream<Stream extends EventedStream>(stream: Stream, observer: StreamObserver): Stream {
  if (stream.ended) tellEnd(stream, observer)
  else {
    observeOnce(stream, observer, ({ everybody }) => {
      for (const name of CHUNKS) stream.on(name, () => everybody.chunk())
      stream.on('end', () => tellEnd(stream, everybody))
    })
  }
  return stream
}

function tellEnd(stream: EventedStream, observer: StreamObserver): void {
  if (stream.aborted)
    observer.abandoned() // an aborted helper is also errored
  else if (stream.errored) observer.failed(new Error('the stream failed'))
  else {
    observer.mayHaveOutput() // a helper may name its events otherwise
    observer.ended()
  }
}
