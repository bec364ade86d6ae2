/** A task and the moment it is due, on the clock's `elapsed` scale. */
export interface ScheduledTask {
  readonly dueMs: number
  readonly run: () => void
}

/** Tasks in the order in which they are due; ties keep the order in which they were added. */
export interface TaskQueue {
  readonly size: number
  /** When the earliest task is due; `Infinity` without one. */
  readonly nextDueMs: number
  add(task: ScheduledTask): void
  /** Removes a task. Does nothing if it is not in the queue. */
  remove(task: ScheduledTask): void
  /** Removes and returns the earliest task that is due by then; `undefined` if there is none. */
  takeDue(byMs: number): ScheduledTask | undefined
}

/** Creates an empty queue. It is one sorted array, because most tasks are added at its end. */
export function createTaskQueue(): TaskQueue {
  const tasks: ScheduledTask[] = []

  return {
    get size() {
      return tasks.length
    },
    get nextDueMs() {
      return tasks[0]?.dueMs ?? Number.POSITIVE_INFINITY
    },
    add(task) {
      tasks.splice(countDue(tasks, task.dueMs), 0, task)
    },
    remove(task) {
      const index = tasks.indexOf(task)
      if (index >= 0) tasks.splice(index, 1)
    },
    takeDue(byMs) {
      const first = tasks[0]
      return first !== undefined && first.dueMs <= byMs ? tasks.shift() : undefined
    },
  }
}

/** Returns how many tasks are due at `byMs` or before, by a binary search that keeps the order of ties. */
function countDue(tasks: readonly ScheduledTask[], byMs: number): number {
  let low = 0
  let high = tasks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (tasks[middle]!.dueMs <= byMs) low = middle + 1
    else high = middle
  }
  return low
}
