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

/**
 * @param {{ onTask?: (task: { delayMs: number, us: number }) => void }} [options] `onTask` gets the delay of each task
 *   and the time that it took of the loop
 * @returns {Promise<TimedClock>}
 */
export async function createTimedClock({ onTask } = {}) {
  const tasks = new Set()
  let nowMs = 0
  let nextDueMs = Number.POSITIVE_INFINITY
  let spentUs = 0

  const seek = () => {
    nextDueMs = Math.min(Number.POSITIVE_INFINITY, ...Array.from(tasks, ({ dueMs }) => dueMs))
  }
  const wait = await waiting()

  return {
    now: () => nowMs,
    elapsed: () => nowMs,
    schedule(delayMs, run) {
      const task = { dueMs: nowMs + Math.max(0, delayMs), delayMs, run }
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
        const { cpuUs, loopUs } = await timed(due.run)
        spentUs += cpuUs - wait.cpuUs
        onTask?.({ delayMs: due.delayMs, us: Math.max(0, loopUs - wait.loopUs) })
      }
      nowMs = untilMs
    },
    spentUs: () => spentUs,
  }
}

/**
 * Returns the time of a function and of all promises that follow from it, in microseconds: the CPU time of the process,
 * and the time that the loop was taken for at most. The loop ran neither longer than its process, which also compiles
 * and collects garbage in threads of its own, nor longer than the clock says, which also counts other processes.
 */
async function timed(run) {
  const before = process.cpuUsage()
  const beforeMs = performance.now()
  run()
  await nextTurn()
  const clockUs = (performance.now() - beforeMs) * 1_000
  const { user, system } = process.cpuUsage(before)
  const cpuUs = user + system
  return { cpuUs, loopUs: Math.min(cpuUs, clockUs) }
}

/** Returns the times of a task that does nothing. */
async function waiting() {
  const spent = { cpuUs: 0, loopUs: 0 }
  for (let task = -EMPTY_TASKS; task < EMPTY_TASKS; task += 1) {
    const { cpuUs, loopUs } = await timed(() => {})
    if (task < 0) continue // until the compiler is done
    spent.cpuUs += cpuUs
    spent.loopUs += loopUs
  }
  return { cpuUs: spent.cpuUs / EMPTY_TASKS, loopUs: spent.loopUs / EMPTY_TASKS }
}
