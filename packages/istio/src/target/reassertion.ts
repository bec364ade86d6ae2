import type { Clock } from '@model-canary/core'
import { type BackOff, pauseBeforeTry } from '@model-canary/foundation'

/** Writes again what was applied: immediately the first time, then after a pause if it is changed again. */
export interface Reassertion {
  /** Schedules a write, unless one is pending. */
  begin(): void
  /** Cancels the pending write, because what was applied is in force again. */
  settled(): void
  stop(): void
}

/** The pause between two writes, 10 to 20 s, so that two controllers of one route do not write in a tight loop. */
const PAUSE: BackOff = { firstMs: 20_000, longestMs: 20_000 }

/** Creates a reassertion. A failed write is retried after the pause. */
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
