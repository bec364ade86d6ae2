/** Time as a dependency. Everything that waits or measures takes one of these. */
export interface Clock {
  /** Wall time in milliseconds since 1970. For timestamps only: it may jump. */
  now(): number
  /** Monotonic time in milliseconds from an arbitrary origin. For durations. */
  elapsed(): number
  /**
   * Runs `task` once after `delayMs`; the returned function cancels it.
   * A scheduled task does not keep the process alive unless `keepAlive` is true.
   */
  schedule(delayMs: number, task: () => void, options?: { readonly keepAlive?: boolean }): () => void
}

/** The longest delay that a timer can hold (2³¹ − 1 ms, about 24.8 days). */
const LONGEST_DELAY_MS = 2_147_483_647

/** What a timer is where the globals are a browser's, as in jest's jsdom, besides what it is in Node: a number. */
type Timer = ReturnType<typeof setTimeout> & { readonly unref?: () => unknown }

/** The system's own time. The only file that may name `Date.now`, `performance` or `setTimeout`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, task, { keepAlive = false } = {}) {
    const timer: Timer = setTimeout(task, Math.min(delayMs, LONGEST_DELAY_MS))
    if (!keepAlive) timer.unref?.() // a rollout must never keep a dying process alive
    return () => clearTimeout(timer)
  },
}
