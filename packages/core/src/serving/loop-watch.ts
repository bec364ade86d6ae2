import type { Clock } from '../runtime/clock.js'

/** Knows for how long the event loop did not turn, and whether that was a call's doing. */
export interface LoopWatch {
  /** For how long calls have blocked the event loop up to their first await, in milliseconds, short ones left out. */
  readonly blockedMs: number
  /** A call blocked the event loop for so long. */
  blocked(ms: number): void
  /** Is to be called every now and then while calls are under way. */
  pulse(at: number): void
  /**
   * Whether the process did not run for most of the time from `dueAt` to `at`, between which the event loop did not
   * turn: it was stopped, or the machine slept. `false` where the clock does not tell the processor's time.
   */
  wasStopped(dueAt: number, at: number): boolean
}

/** What is shorter than this, in milliseconds, is an ordinary turn of the event loop. */
export const ORDINARY_TURN_MS = 2

/** Makes a watch for one canary. */
export function createLoopWatch({ elapsed, busy }: Pick<Clock, 'elapsed' | 'busy'>): LoopWatch {
  const last = { at: elapsed(), busyMs: busy?.() ?? 0 }
  const before = { ...last } // a pulse of the turn in which the process wakes must not hide that it was stopped
  let blockedMs = 0
  return {
    get blockedMs() {
      return blockedMs
    },
    blocked(ms) {
      if (ms > ORDINARY_TURN_MS) blockedMs += ms
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
}
