import type { Clock } from '@model-canary/core'
import type { Settle } from './settle.js'
import { createTaskQueue } from './task-queue.js'

/** A clock for traffic: calls move it at once, only the loop's own timers are awaited. */
export interface SimulationClock extends Clock {
  /** Runs what falls due until then, lets each come to rest, and moves to that instant. */
  walkTo(elapsedMs: number): Promise<void>
  /** The same where nothing falls due; false if something does, and then nothing has moved. */
  skipTo(elapsedMs: number): boolean
}

/** Makes a clock that starts at 0. */
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
