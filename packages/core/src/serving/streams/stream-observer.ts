import type { Clock } from '../../runtime/clock.js'
import type { Flight, FlightResult } from '../flight.js'

/** The events of a stream. `ended`, `failed`, `abandoned` and `unseen` are final: later events are ignored. */
export interface StreamObserver {
  /** Reports whether output is currently not being requested. */
  parked(isParked: boolean): void
  /** The caller already has an answer; the rest may stay unread. */
  mayStayUnread(): void
  chunk(): void
  /** The caller may have got chunks that could not be observed: a stream without observed chunks is not empty. */
  mayHaveOutput(): void
  ended(): void
  failed(error: unknown): void
  /** The reader left before the end. */
  abandoned(): void
  /** The end of the stream cannot be observed. */
  unseen(): void
  /** Returns whether further events have no effect. */
  isOver?(): boolean
}

/** Returns the result of a stream from the way it ended. */
export type StreamEnding = (end: 'ended' | 'abandoned' | 'unseen' | { readonly error: unknown }) => FlightResult

/** Returns an observer that ends a flight with its stream, and measures the time to the first chunk. */
export function streamObserver(flight: Flight, clock: Clock, endingOf: StreamEnding): StreamObserver {
  let metrics: { timeToFirstChunkMs: number } | undefined
  const end = (how: Parameters<StreamEnding>[0]): void => {
    if (flight.isOpen) flight.end({ ...endingOf(how), metrics, hasOutput: metrics !== undefined })
  }
  return {
    parked: (isParked) => flight.park(isParked),
    mayStayUnread: () => flight.mayStayUnread(),
    chunk() {
      flight.gaveOutput()
      if (metrics !== undefined) return
      metrics = { timeToFirstChunkMs: clock.elapsed() - flight.startedAt }
      flight.markAnswered()
    },
    mayHaveOutput: () => flight.markAnswered(),
    isOver: () => !flight.isOpen,
    ended: () => end('ended'),
    unseen: () => end('unseen'),
    failed: (error) => end({ error }),
    abandoned() {
      if (!flight.isOpen) return
      const { outcome } = endingOf('abandoned')
      flight.abort(undefined, outcome)
    },
  }
}
