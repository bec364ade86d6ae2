import type { Clock } from '@model-canary/core'
import { type BackOff, pauseBeforeTry } from '@model-canary/foundation'

/** Writes what was applied once more, at once the first time and slowly where somebody else insists. */
export interface Reassertion {
  begin(): void
  /** What was applied is in force again. */
  settled(): void
  stop(): void
}

/** Between two times, 10 to 20 s: two controllers at one route must not write without end, nor in step. */
const PAUSE: BackOff = { firstMs: 20_000, longestMs: 20_000 }

/** Makes a reassertion. A failure is tried again after the pause. */
export function createReassertion(clock: Clock, rewrite: (signal: AbortSignal) => Promise<void>): Reassertion {
  const closing = new AbortController()
  let dueAt = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined

  const run = (): void => {
    cancel = undefined
    dueAt = clock.elapsed() + pauseBeforeTry(PAUSE, 0)
    rewrite(closing.signal).catch(() => {
      if (!closing.signal.aborted) begin()
    })
  }

  function begin(): void {
    if (closing.signal.aborted) return
    cancel ??= clock.schedule(Math.max(0, dueAt - clock.elapsed()), run)
  }

  const settled = (): void => {
    cancel?.()
    cancel = undefined
  }

  return {
    begin,
    settled,
    stop() {
      closing.abort()
      settled()
    },
  }
}
