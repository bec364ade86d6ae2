import type { Clock } from '@model-canary/core'
import type { Settle } from './settle.js'
import { createTaskQueue } from './task-queue.js'

/** A clock for traffic. Calls move it at once; only timers of the rollout's loop are awaited. */
export interface SimulationClock extends Clock {
  /** Runs each task that is due until then, waits for its promises, and moves to that time. */
  walkTo(elapsedMs: number): Promise<void>
  /** Moves to that time if no task is due until then. Returns false, without moving, if one is. */
  skipTo(elapsedMs: number): boolean
}

/** Creates a clock that starts at 0. */
export function createSimulationClock(settle: Settle): SimulationClock {
  const queue = createTaskQueue()
  let nowMs = 0

  return {
    now: () => nowMs,
    elapsed: () => nowMs,
    schedule(delayMs, run) {
      const task = { dueMs: nowMs + Math.max(0, delayMs), run }
      queue.add(task)
      return () => queue.remove(task)
    },
    async walkTo(elapsedMs) {
      for (let task = queue.takeDue(elapsedMs); task !== undefined; task = queue.takeDue(elapsedMs)) {
        nowMs = task.dueMs
        task.run()
        await settle()
      }
      nowMs = elapsedMs
    },
    skipTo(elapsedMs) {
      if (queue.nextDueMs <= elapsedMs) return false
      nowMs = elapsedMs
      return true
    },
  }
}
