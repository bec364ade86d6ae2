import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/judge/${name}.mjs`)
const { openLedger } = await part('ledger')
const { runPool } = await part('pool')
const { readWish } = await part('arguments')

interface Job {
  readonly scenario: string
  readonly judge: string
  readonly seed: number
}

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-judge-'))
  file = join(folder, 'runs.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const jobs: readonly Job[] = [1, 2, 3, 4, 5].map((seed) => ({ scenario: 'plus-5', judge: 'guide', seed }))

/** A program that answers with the seed and its process, and fails on seed 99. */
function echoWorker(): string {
  const worker = join(folder, 'worker.mjs')
  writeFileSync(
    worker,
    `process.on('message', ({ seed }) => process.send(seed === 99 ? { error: 'no 99' } : { result: { seed, pid: process.pid } }))`,
  )
  return worker
}

describe('the pool', () => {
  it('runs every job once, in as many processes as it is told', async () => {
    const results: { job: Job; pid: number }[] = []
    await runPool({
      worker: echoWorker(),
      jobs,
      processes: 2,
      onResult: (job: Job, { seed, pid }: { seed: number; pid: number }) => {
        expect(seed).toBe(job.seed)
        results.push({ job, pid })
      },
    })
    expect(results.map(({ job }) => job.seed).toSorted()).toEqual([1, 2, 3, 4, 5])
    expect(new Set(results.map(({ pid }) => pid)).size).toBe(2)
  })

  it('starts nothing without jobs', async () => {
    await runPool({ worker: join(folder, 'nowhere.mjs'), jobs: [], onResult: () => {} })
  })

  it('rejects with the job that failed', async () => {
    const run = runPool({ worker: echoWorker(), jobs: [{ ...jobs[0], seed: 99 }], onResult: () => {} })
    await expect(run).rejects.toThrow('"seed":99}: no 99')
  })

  it('rejects where a process ends', async () => {
    const worker = join(folder, 'ends.mjs')
    writeFileSync(worker, `process.on('message', () => process.exit(3))`)
    await expect(runPool({ worker, jobs, onResult: () => {} })).rejects.toThrow('a worker ended with 3')
  })
})

describe('the results', () => {
  const outcome = { state: 'rolled-back', elapsedMs: 60_000, exposed: 300 }

  it('are there again at the next start, so that only what is missing is run', async () => {
    const first = openLedger({ file, build: 'a' })
    for (const job of jobs.slice(0, 3)) first.add(job, outcome)

    const second = openLedger({ file, build: 'a' })
    const missing = jobs.filter((job) => !second.has(job))
    expect(missing.map(({ seed }) => seed)).toEqual([4, 5])
    await runPool({ worker: echoWorker(), jobs: missing, onResult: (job: Job) => second.add(job, outcome) })
    expect(jobs.every((job) => openLedger({ file, build: 'a' }).has(job))).toBe(true)
    expect(readFileSync(file, 'utf8').split('\n').filter(Boolean)).toHaveLength(5)
  })

  it('of another build, judge, situation or seed do not count', () => {
    openLedger({ file, build: 'a' }).add(jobs[0], outcome)
    const has = (build: string, change: object) => openLedger({ file, build }).has({ ...jobs[0], ...change })
    expect(has('a', {})).toBe(true)
    expect(has('b', {})).toBe(false)
    expect(has('a', { judge: 'welch' })).toBe(false)
    expect(has('a', { scenario: 'plus-3' })).toBe(false)
    expect(has('a', { seed: 2 })).toBe(false)
  })

  it('survive a line that was cut off', () => {
    openLedger({ file, build: 'a' }).add(jobs[0], outcome)
    appendFileSync(file, '{"scenario":"plus-5","judge":"gu')
    const ledger = openLedger({ file, build: 'a' })
    ledger.add(jobs[1], outcome)
    expect(openLedger({ file, build: 'a' }).get(jobs[1])).toMatchObject(outcome)
    expect(openLedger({ file, build: 'a' }).has(jobs[0])).toBe(true)
  })

  it('need no file', () => {
    const ledger = openLedger({ build: 'a' })
    ledger.add(jobs[0], outcome)
    expect(ledger.get(jobs[0])).toEqual({ ...jobs[0], build: 'a', ...outcome })
  })
})

describe('the command line', () => {
  it('takes situations by name or group, and judges by name', () => {
    const { scenarios, judges } = readWish(['--scenarios', 'plus-5,users', '--judges', 'evidence,guide'])
    expect(scenarios.map(({ name }: { name: string }) => name)).toEqual([
      'plus-5',
      'zipf',
      'keyless',
      'few-users',
      'better',
    ])
    expect(judges.map(({ name }: { name: string }) => name)).toEqual(['evidence', 'guide'])
  })

  it('is refused with what there is', () => {
    expect(() => readWish(['--scenarios', 'plus-4'])).toThrow(/no scenario "plus-4"; there are identical-1, .*usage:/s)
    expect(() => readWish(['--judges', 'coin'])).toThrow('no judge "coin"; there are evidence, guide')
    expect(() => readWish(['--replications', '0'])).toThrow('--replications takes a whole number above 0')
    expect(() => readWish(['--fast'])).toThrow('usage: npm run bench:judge')
    expect(() => readWish(['--report', '/no/such/folder'])).toThrow('there is no folder')
  })
})
