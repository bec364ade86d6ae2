import type { Clock } from '../runtime/clock.js'
import { createUnderWay, type UnderWay } from '../runtime/under-way.js'

/** Whether a controller is open. It is first closed to callers, and its pending calls are cut off later. */
export interface Lifetime extends UnderWay {
  readonly isClosed: boolean
  /** Aborted when pending calls are cut off. */
  readonly cutOff: AbortSignal
  /** Refuses callers from now on. */
  close(): void
  /** Cuts off the calls that are still pending. */
  cut(): void
}

/** Creates the lifetime of an open controller. */
export function createLifetime(clock: Clock): Lifetime {
  const cutOff = new AbortController()
  let isClosed = false
  return {
    ...createUnderWay(clock),
    get isClosed() {
      return isClosed
    },
    cutOff: cutOff.signal,
    close() {
      isClosed = true
    },
    cut: () => cutOff.abort(),
  }
}
