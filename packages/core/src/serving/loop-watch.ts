import type { Writable } from '../foundation/writable.js'
import type { Clock } from '../runtime/clock.js'

/** Measures how long the event loop was blocked, and whether the process itself was stopped. */
export interface LoopWatch {
  /** Total time for which calls blocked the event loop before their first await, in ms, without short ones. */
  readonly blockedMs: number
  /** Adds the time for which a call blocked the event loop. */
  blocked(ms: number): void
  /** Must be called regularly while calls are pending. */
  pulse(at: number): void
  /**
   * Returns whether the process did not run for most of the time from `dueAt` to `at`, in which the event loop did not
   * turn: it was stopped, or the machine slept. `false` if the clock does not provide CPU time.
   */
  wasStopped(dueAt: number, at: number): boolean
}

/** Shorter times, in milliseconds, count as an ordinary turn of the event loop. */
export const ORDINARY_TURN_MS = 2

/** Creates a watch for one canary. */
export function createLoopWatch({ elapsed, busy }: Pick<Clock, 'elapsed' | 'busy'>): LoopWatch {
  const last = { at: elapsed(), busyMs: busy?.() ?? 0 }
  const before = { ...last } // a pulse in the turn in which the process wakes must not hide the stop
  const watch: Writable<LoopWatch> = {
    blockedMs: 0,
    blocked(ms) {
      if (ms > ORDINARY_TURN_MS) watch.blockedMs += ms
    },
    pulse(at) {
      if (busy === undefined) return
      before.at = last.at
      before.busyMs = last.busyMs
      last.at = at
      last.busyMs = busy()
    },
    wasStopped(dueAt, at) {
      const known = last.at > dueAt ? before : last
      if (busy === undefined || known.at > dueAt) return false
      return busy() - known.busyMs < (at - dueAt) / 2
    },
  }
  return watch
}
