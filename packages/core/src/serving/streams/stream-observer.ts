import type { Clock } from '../../runtime/clock.js'
import type { Flight, FlightResult } from '../flight.js'

/** What can happen to a stream on its way. The last four are final: what is told after one of them is ignored. */
export interface StreamObserver {
  /** Whether nobody asks for output now. */
  parked(isParked: boolean): void
  /** The caller has an answer already: if nobody begins to read the rest, that was all. */
  mayStayUnread(): void
  chunk(): void
  ended(): void
  failed(error: unknown): void
  /** The reader left before the end. */
  abandoned(): void
  /** Its end cannot be seen. */
  unseen(): void
  /** Whether nothing that is told matters any more. */
  isOver?(): boolean
}

/** Says how a stream ended where what happened is not the whole truth. */
export type StreamEnding = (end: 'ended' | 'abandoned' | 'unseen' | { readonly error: unknown }) => FlightResult

/** Ends a flight with its stream, and measures the time from the call to the first chunk. */
export function streamObserver(flight: Flight, clock: Clock, endingOf: StreamEnding): StreamObserver {
  let metrics: { timeToFirstChunkMs: number } | undefined
  const end = (how: Parameters<StreamEnding>[0]): void => {
    if (flight.isOpen) flight.end({ ...endingOf(how), metrics })
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
