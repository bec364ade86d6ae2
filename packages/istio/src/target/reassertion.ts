import type { Clock } from '@model-canary/core'

/** Writes what was applied once more, at once the first time and slowly where somebody else insists. */
export interface Reassertion {
  begin(): void
  /** What was applied is in force again. */
  settled(): void
  stop(): void
}

/** The least time between two times, in milliseconds: two controllers at one route must not write without end. */
const PAUSE_MS = 10_000

/** Makes a reassertion. A failure is tried again after the pause. */
export function createReassertion(clock: Clock, rewrite: (signal: AbortSignal) => Promise<void>): Reassertion {
  const closing = new AbortController()
  let lastAt = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined

  const run = (): void => {
    cancel = undefined
    lastAt = clock.elapsed()
    rewrite(closing.signal).catch(() => {
      if (!closing.signal.aborted) begin()
    })
  }

  function begin(): void {
    if (closing.signal.aborted) return
    cancel ??= clock.schedule(Math.max(0, lastAt + PAUSE_MS - clock.elapsed()), run)
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
