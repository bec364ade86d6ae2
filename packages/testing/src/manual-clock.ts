import type { Clock } from '@model-canary/core'
import { refusal } from './refusal.js'
import { createTaskQueue, type ScheduledTask } from './task-queue.js'

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /**
   * Moves `ms` forward and runs every task that becomes due, in order, including tasks scheduled on the way.
   * After each task, its promises get time to settle. If a task throws, the call rejects with that error.
   * A call during another one begins when that one ends.
   */
  advance(ms: number): Promise<void>
  /** Changes only the wall time, as a time server does. `elapsed()` and the tasks are not affected. */
  jump(ms: number): void
  /** The number of scheduled tasks that have neither run nor been cancelled. */
  readonly pending: number
}

export interface ManualClockOptions {
  /**
   * The wall time at the start, in milliseconds since 1970.
   * It differs strongly from `elapsed()`, which starts at 0, so that code that mixes the two fails at once.
   * @default 2026-01-01T00:00:00Z
   */
  readonly startMs?: number
}

/** Read at import, so that a test that fakes the timers later does not stop this clock. */
const nextTurn = globalThis.setImmediate

/** How many turns of the event loop follow each task; every turn also empties the microtasks. */
const TURNS_AFTER_TASK = 3

/** More tasks than this at one time mean that a task schedules itself again without a delay. */
const MOST_TASKS_AT_ONE_INSTANT = 50_000

/**
 * Creates a clock that a test moves, so that a whole rollout takes milliseconds and is the same in every run.
 * `keepAlive` has no effect, because there is no timer. A delay below 0 counts as 0.
 *
 * @example
 * const clock = manualClock()
 * clock.schedule(1_000, () => console.log('a second later'))
 * await clock.advance(1_000)
 */
export function manualClock({ startMs = Date.UTC(2026, 0, 1) }: ManualClockOptions = {}): ManualClock {
  const queue = createTaskQueue()
  let elapsedMs = 0
  let jumpedMs = 0
  let walking: Promise<unknown> = Promise.resolve()

  const walk = async (ms: number) => {
    const untilMs = elapsedMs + ms
    let atThisInstant = 0
    await settle()
    for (let task = queue.takeDue(untilMs); task !== undefined; task = queue.takeDue(untilMs)) {
      atThisInstant = task.dueMs > elapsedMs ? 0 : atThisInstant + 1
      if (atThisInstant > MOST_TASKS_AT_ONE_INSTANT) throw refusal('a task schedules itself again without any delay')
      elapsedMs = task.dueMs
      task.run()
      await settle()
    }
    elapsedMs = untilMs
  }

  return {
    now: () => startMs + elapsedMs + jumpedMs,
    elapsed: () => elapsedMs,
    schedule(delayMs, run) {
      if (typeof delayMs !== 'number' || Number.isNaN(delayMs)) throw refusal(`a delay is a number, got ${delayMs}`)
      const task: ScheduledTask = { dueMs: elapsedMs + Math.max(0, delayMs), run }
      queue.add(task)
      return () => queue.remove(task)
    },
    advance(ms) {
      if (!(ms >= 0 && Number.isFinite(ms))) return Promise.reject(refusal(`time advances from 0 ms up, got ${ms}`))
      const walked = walking.then(() => walk(ms))
      walking = walked.catch(() => {}) // the caller of that walk has the error; the next walk goes on
      return walked
    },
    jump(ms) {
      jumpedMs += ms
    },
    get pending() {
      return queue.size
    },
  }
}

/** Waits for promises, and for work that waits for a turn of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS_AFTER_TASK; turn++) await new Promise<void>((resolve) => nextTurn(resolve))
}
