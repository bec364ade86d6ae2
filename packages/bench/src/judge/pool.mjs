import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Runs jobs in separate processes, one at a time in each, and calls back with each result.
 *
 * Rejects with the first failure, and ends the processes either way.
 *
 * @template Job, Result
 * @param {object} options
 * @param {string | URL} options.worker the program: it answers each message `job` with `{ result }` or `{ error }`
 * @param {readonly Job[]} options.jobs
 * @param {(job: Job, result: Result, tookMs: number) => void} options.onResult
 * @param {number} [options.processes] two, where there are two cores
 */
export async function runPool({ worker, jobs, onResult, processes = Math.min(2, availableParallelism()) }) {
  let next = 0
  const takeJob = () => jobs[next++]
  const children = []
  try {
    const count = Math.min(processes, jobs.length)
    await Promise.all(
      Array.from({ length: count }, () => {
        const child = fork(worker)
        children.push(child)
        return workThrough(child, takeJob, onResult)
      }),
    )
  } finally {
    for (const child of children) child.kill()
  }
}

/** Feeds one process until no job is left. */
function workThrough(child, takeJob, onResult) {
  return new Promise((resolve, reject) => {
    let job
    let sentAt
    const proceed = () => {
      job = takeJob()
      if (job === undefined) resolve()
      else {
        sentAt = performance.now()
        child.send(job)
      }
    }
    child.on('message', ({ result, error }) => {
      if (error !== undefined) return reject(new Error(`${JSON.stringify(job)}: ${error}`))
      onResult(job, result, Math.round(performance.now() - sentAt))
      proceed()
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => reject(new Error(`a worker ended with ${code ?? signal}`)))
    proceed()
  })
}
