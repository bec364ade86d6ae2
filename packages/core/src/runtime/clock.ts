/** Time as a dependency. Everything that waits or measures takes one of these. */
export interface Clock {
  /** Wall time in milliseconds since 1970. For timestamps only: it may jump. */
  now(): number
  /** Monotonic time in milliseconds from an arbitrary origin. For durations. */
  elapsed(): number
  /**
   * Runs `task` once after `delayMs`; the returned function cancels it. With 0 it runs once the event loop has looked
   * for answers from outside.
   * A scheduled task does not keep the process alive unless `keepAlive` is true.
   */
  schedule(delayMs: number, task: () => void, options?: { readonly keepAlive?: boolean }): () => void
  /** Time for which this process has kept processors busy, in milliseconds. Left out where the host does not tell. */
  busy?(): number
}

/** The longest delay that a timer can hold (2³¹ − 1 ms, about 24.8 days). */
const LONGEST_DELAY_MS = 2_147_483_647

/** What a timer is where the globals are a browser's, as in jest's jsdom, besides what it is in Node: a number. */
type Timer = ReturnType<typeof setTimeout> & { readonly unref?: () => unknown }

/** The system's own time. The only file that may name `Date.now`, `performance`, `setTimeout` or `setImmediate`. */
export const systemClock: Clock = {
  ...(typeof process === 'object' && typeof process.cpuUsage === 'function' && { busy: busyMs }),
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, task, { keepAlive = false } = {}) {
    if (delayMs === 0 && typeof setImmediate === 'function') {
      const immediate = setImmediate(task) // a timer of 0 ms may run among those due now, before anything is read
      if (!keepAlive) immediate.unref?.()
      return () => clearImmediate(immediate)
    }
    const timer: Timer = setTimeout(task, Math.min(delayMs, LONGEST_DELAY_MS))
    if (!keepAlive) timer.unref?.() // a rollout must never keep a dying process alive
    return () => clearTimeout(timer)
  },
}

function busyMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
