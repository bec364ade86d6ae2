/** Time as a dependency. All code that waits or measures time takes a clock. */
export interface Clock {
  /** Wall time in milliseconds since 1970. For timestamps only: it may jump. */
  now(): number
  /** Monotonic time in milliseconds from an arbitrary origin. For durations. */
  elapsed(): number
  /**
   * Runs `task` once after `delayMs`; the returned function cancels it. With 0 it runs after the event loop has polled
   * for I/O.
   * A scheduled task does not keep the process alive unless `keepAlive` is true.
   */
  schedule(delayMs: number, task: () => void, options?: { readonly keepAlive?: boolean }): () => void
  /** CPU time used by this process, in milliseconds. Left out if the host does not provide it. */
  busy?(): number
}

/** The longest delay that a timer can hold (2³¹ − 1 ms, about 24.8 days). */
const LONGEST_DELAY_MS = 2_147_483_647

/** A timer: an object in Node, a number where the globals are those of a browser, as in jest's jsdom. */
type Timer = ReturnType<typeof setTimeout> & { readonly unref?: () => unknown }

/** The system's own time. The only file that may name `Date.now`, `performance`, `setTimeout` or `setImmediate`. */
export const systemClock: Clock = {
  ...(typeof process === 'object' && typeof process.cpuUsage === 'function' && { busy: busyMs }),
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, task, { keepAlive = false } = {}) {
    if (delayMs === 0 && typeof setImmediate === 'function') {
      const immediate = setImmediate(task) // a timer of 0 ms may run before the event loop polls for I/O
      if (!keepAlive) immediate.unref?.()
      return () => clearImmediate(immediate)
    }
    const timer: Timer = setTimeout(task, Math.min(delayMs, LONGEST_DELAY_MS))
    if (!keepAlive) timer.unref?.() // a rollout must not keep an exiting process alive
    return () => clearTimeout(timer)
  },
}

function busyMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
