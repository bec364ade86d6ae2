import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { quantile } from '../harness/spread.mjs'

const SITUATION = fileURLToPath(new URL('./situation-process.mjs', import.meta.url))

/** The runs of each situation. They do the same, so that whatever differs between them comes from outside. */
const RUNS = 2

/**
 * What a situation was measured to hold and to take.
 *
 * @typedef {object} Growth
 * @property {readonly Mark[]} marks
 * @property {number} endedMiB what the process held more than at the first mark when all requests had ended
 * @property {number} underWay flights that were open at the last mark
 * @property {Times} looks the longest turn of each
 * @property {Times} wholeLooks all turns of each together
 * @property {Times} others all other tasks
 *
 * @typedef {{ requests: number, seconds: number, moreMiB: number }} Mark with what the process held more than at the
 *   first mark
 *
 * @typedef {{ count: number, medianUs: number, p99Us: number, mostUs: number }} Times how long the loop was taken
 */

/**
 * Measures a situation several times, each in a process of its own. Of the heap, the median counts; of the time of each
 * task the least, because other work on the machine only adds to it.
 *
 * @param {string} name
 * @param {'full' | 'quick'} extent
 * @returns {Promise<Growth>}
 */
export async function growthOf(name, extent) {
  const runs = []
  for (let run = 0; run < RUNS; run += 1) runs.push(await runOf(name, extent))
  return combined(runs)
}

/**
 * Returns what several runs of one situation tell together.
 *
 * @param {readonly import('./measure.mjs').Run[]} runs
 * @returns {Growth}
 */
export function combined(runs) {
  const [{ marks, underWay }] = runs
  const moreMiB = (bytesOf) =>
    quantile(
      runs.map((run) => (bytesOf(run) - run.marks[0].heldBytes) / 2 ** 20),
      0.5,
    )
  return {
    marks: marks.map(({ requests, seconds }, at) => ({
      requests,
      seconds,
      moreMiB: moreMiB((run) => run.marks[at].heldBytes),
    })),
    endedMiB: moreMiB(({ endedBytes }) => endedBytes),
    underWay,
    looks: timesOf(runs.map(({ looksUs }) => looksUs)),
    wholeLooks: timesOf(runs.map(({ wholeLooksUs }) => wholeLooksUs)),
    others: timesOf(runs.map(({ othersUs }) => othersUs)),
  }
}

function timesOf(runs) {
  const [first] = runs
  if (runs.some(({ length }) => length !== first.length)) throw new Error('two runs did not do the same')
  const us = first.map((_, task) => Math.min(...runs.map((run) => run[task])))
  return { count: us.length, medianUs: quantile(us, 0.5), p99Us: quantile(us, 0.99), mostUs: quantile(us, 1) }
}

function runOf(name, extent) {
  const child = fork(SITUATION, [name, extent], { execArgv: ['--expose-gc'] })
  return new Promise((resolve, reject) => {
    let run
    child.once('message', (message) => {
      run = message
    })
    child.once('exit', (code) => (run ? resolve(run) : reject(new Error(`${name} ended with ${code}`))))
  })
}
