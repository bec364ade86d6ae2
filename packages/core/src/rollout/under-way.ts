import type { Clock } from '../clock.js'
import { withDeadline } from './deadline.js'

/** What is under way, so that an end can wait for it. */
export interface UnderWay {
  /** Remembers a task until it has settled; a rejection is the caller's matter. */
  track(task: Promise<unknown> | undefined): void
  /** Resolves when nothing is under way any more, or when the time is up. */
  settled(limitMs: number): Promise<void>
}

/** Begins with nothing under way. */
export function createUnderWay(clock: Clock): UnderWay {
  const tasks = new Set<Promise<unknown>>()
  return {
    track(task) {
      if (task === undefined) return
      tasks.add(task)
      const forget = () => tasks.delete(task)
      task.then(forget, forget)
    },
    settled: (limitMs) =>
      withDeadline(clock, limitMs, async () => {
        while (tasks.size > 0) await Promise.allSettled(tasks)
      }).catch(() => {}),
  }
}
