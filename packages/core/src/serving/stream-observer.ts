import type { Clock } from '../clock.js'
import type { Flight } from './flight.js'

/** What can happen to a stream on its way. The last three are final: what is told after one of them is ignored. */
export interface StreamObserver {
  firstChunk(): void
  ended(): void
  failed(error: unknown): void
  /** The reader left before the end. */
  abandoned(): void
}

/** Ends a flight with its stream, and measures the time from the call to the first chunk. */
export function streamObserver(flight: Flight, clock: Clock): StreamObserver {
  let metrics: { timeToFirstChunkMs: number } | undefined
  return {
    firstChunk() {
      if (metrics !== undefined) return
      metrics = { timeToFirstChunkMs: clock.elapsed() - flight.startedAt }
      flight.markAnswered()
    },
    ended: () => flight.end({ metrics }),
    failed: () => flight.end({ outcome: 'error', metrics }),
    abandoned: () => flight.abort(),
  }
}
