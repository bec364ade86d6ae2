import type { Clock } from '../runtime/clock.js'
import { createUnderWay, type UnderWay } from '../runtime/under-way.js'

/** How long a controller lives: it is closed to callers first, and cut off from the world when what was under way is done. */
export interface Lifetime extends UnderWay {
  readonly isClosed: boolean
  /** Aborted when nobody waits for anything any more. */
  readonly cutOff: AbortSignal
  /** Refuses callers from now on. */
  close(): void
  /** Gives up what is still under way. */
  cut(): void
}

/** Begins a life. */
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
