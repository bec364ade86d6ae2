import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * A virtual clock that measures the CPU time of all that it runs, with everything that follows from it.
 *
 * @typedef {object} TimedClock
 * @property {() => number} now
 * @property {() => number} elapsed
 * @property {(delayMs: number, run: () => void) => () => void} schedule
 * @property {(untilMs: number) => boolean} skipTo moves without waiting; returns false if a task is due until then
 * @property {(untilMs: number) => Promise<void>} walkTo runs all tasks that are due until then
 * @property {() => number} spentUs returns the CPU time of all tasks so far, in microseconds
 */

/** How many empty tasks are measured, to leave out what it costs to wait for a task. */
const EMPTY_TASKS = 2_000

/** @returns {Promise<TimedClock>} */
export async function createTimedClock() {
  const tasks = new Set()
  let nowMs = 0
  let nextDueMs = Number.POSITIVE_INFINITY
  let spentUs = 0

  const seek = () => {
    nextDueMs = Math.min(Number.POSITIVE_INFINITY, ...Array.from(tasks, ({ dueMs }) => dueMs))
  }
  const waitUs = await waitingUs()

  return {
    now: () => nowMs,
    elapsed: () => nowMs,
    schedule(delayMs, run) {
      const task = { dueMs: nowMs + Math.max(0, delayMs), run }
      tasks.add(task)
      nextDueMs = Math.min(nextDueMs, task.dueMs)
      return () => tasks.delete(task)
    },
    skipTo(untilMs) {
      if (nextDueMs <= untilMs) return false
      nowMs = untilMs
      return true
    },
    async walkTo(untilMs) {
      for (seek(); nextDueMs <= untilMs; seek()) {
        nowMs = Math.max(nowMs, nextDueMs)
        const due = [...tasks].find(({ dueMs }) => dueMs === nextDueMs)
        tasks.delete(due)
        spentUs += (await timed(due.run)) - waitUs
      }
      nowMs = untilMs
    },
    spentUs: () => spentUs,
  }
}

/** Returns the CPU time of a function and of all promises that follow from it, in microseconds. */
async function timed(run) {
  const before = process.cpuUsage()
  run()
  await nextTurn()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Returns the time of a task that does nothing. */
async function waitingUs() {
  let spentUs = 0
  for (let task = -EMPTY_TASKS; task < EMPTY_TASKS; task += 1) {
    const us = await timed(() => {})
    if (task >= 0) spentUs += us // the compiler is done
  }
  return spentUs / EMPTY_TASKS
}
