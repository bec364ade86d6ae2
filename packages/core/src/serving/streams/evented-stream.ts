import { observeOnce } from './audience.js'
import type { StreamObserver } from './stream-observer.js'

/** A stream helper as vendors' clients have them: it reads by itself, and tells by events and getters how it goes. */
export interface EventedStream extends AsyncIterable<unknown> {
  readonly ended: boolean
  readonly errored: boolean
  readonly aborted: boolean
  on(event: string, listener: () => void): unknown
  abort?(): void
}

/** Tells such a helper by its getters. */
export const isEventedStream = (value: AsyncIterable<unknown>): value is EventedStream =>
  'on' in value &&
  typeof value.on === 'function' &&
  ['ended', 'errored', 'aborted'].every((name) => typeof (value as never)[name] === 'boolean')

/** The events by which the helpers tell of what comes in. */
const CHUNKS = ['chunk', 'streamEvent', 'event']

/**
 * Watches a helper to its end. Only events without consequences are listened to: a listener for `error`, or a call of
 * `done()`, would make an error that nobody handles a handled one.
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
    observer.abandoned() // an aborted one is errored, too
  else if (stream.errored) observer.failed(new Error('the stream failed'))
  else observer.ended()
}
