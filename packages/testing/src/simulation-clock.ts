import type { Clock } from '@model-canary/core'
import { createTaskQueue } from './task-queue.js'

/** Taken at import: a test that fakes the timers later does not stop a simulation. */
const nextTurn = globalThis.setImmediate

/** A clock for traffic: calls move it at once, only the loop's own timers are awaited. */
export interface SimulationClock extends Clock {
  /** Runs what falls due until then, lets its promises settle, and moves to that instant. */
  walkTo(elapsedMs: number): Promise<void>
  /** The same where nothing falls due; false if something does, and then nothing has moved. */
  skipTo(elapsedMs: number): boolean
}

/** Makes a clock that starts at 0. */
export function createSimulationClock(): SimulationClock {
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

/** Lets promises settle, and work that waits for a turn of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => nextTurn(resolve))
}
