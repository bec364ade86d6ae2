import type { Clock } from './clock.js'
import { withDeadline } from './deadline.js'

/** What is under way, so that an end can wait for it. */
export interface UnderWay {
  /** Remembers a task until it has settled; a rejection is the caller's matter. */
  track(task: Promise<unknown> | undefined): void
  /** Remembers a task in the same way, and returns it. */
  tracked<Result>(task: Promise<Result>): Promise<Result>
  /** Resolves when nothing is under way any more, or when the time is up. */
  settled(limitMs: number): Promise<void>
}

/** Begins with nothing under way. */
export function createUnderWay(clock: Clock): UnderWay {
  const tasks = new Set<Promise<unknown>>()
  const track: UnderWay['track'] = (task) => {
    if (task === undefined) return
    tasks.add(task)
    const forget = () => tasks.delete(task)
    task.then(forget, forget)
  }
  return {
    track,
    tracked(task) {
      track(task)
      return task
    },
    settled: (limitMs) =>
      withDeadline(clock, limitMs, async () => {
        while (tasks.size > 0) await Promise.allSettled(tasks)
      }).catch(() => {}),
  }
}
