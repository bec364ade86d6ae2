import type { Clock } from './clock.js'
import { withDeadline } from './deadline.js'

/** Tracks pending tasks so that `close()` can wait for them. */
export interface UnderWay {
  /** Tracks a task until it has settled. The caller has to handle a rejection. */
  track(task: Promise<unknown> | undefined): void
  /** Tracks a task in the same way, and returns it. */
  tracked<Result>(task: Promise<Result>): Promise<Result>
  /** Resolves when no task is pending, or after `limitMs`. */
  settled(limitMs: number): Promise<void>
}

/** Creates a tracker without tasks. */
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
