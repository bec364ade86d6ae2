// How often each judge is wrong and how fast it is right, on the same traffic: see docs/statistics.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readWish } from './arguments.mjs'
import { buildHash } from './build-hash.mjs'
import { createDuration } from './duration.mjs'
import { time } from './figures.mjs'
import { JUDGES } from './judges.mjs'
import { keepEntries, openLedger } from './ledger.mjs'
import { runPool } from './pool.mjs'
import { inTurn, programmeOf } from './programme.mjs'
import { isBroken } from './reach.mjs'
import { writeReport } from './report/write.mjs'
import { rowOf } from './row.mjs'
import { spotCheck } from './spot-check.mjs'
import { tableOf } from './table.mjs'

const WORKER = new URL('./worker.mjs', import.meta.url)

/** The runs behind the tables and charts of the docs. */
const KEPT = fileURLToPath(new URL('../../runs.jsonl.gz', import.meta.url))

/** The time between two lines about the progress, in milliseconds. */
const NEWS_MS = 20_000

const wish = readWishOrEnd()
const build = wish.build ?? buildHash()
const ledger = openLedger({ build, ...(wish.out && { file: wish.out }), ...(wish.isFull && { kept: KEPT }) })
const matches = programmeOf(wish)
const jobs = wish.isReport ? [] : inTurn(matches).filter((job) => !ledger.has(job))
for (const { name } of JUDGES.filter(({ make }) => make === undefined)) console.log(`this build has no judge "${name}"`)
const duration = createDuration(ledger.all())
console.log(`${jobs.length} runs to go${timeText(jobs)}, Node ${process.version}, build ${build}`)
if (wish.isReport && ledger.all().length === 0)
  console.log(`nothing is there of this build; the file has results of: ${ledger.builds().join(', ') || 'no build'}`)
if (!wish.isReport) await spotCheck({ worker: WORKER, entries: ledger.all() })

await runPool({
  worker: WORKER,
  jobs,
  onResult: withNews((job, outcome, tookMs) => {
    ledger.add(job, outcome, tookMs)
    duration.add(job, tookMs)
  }),
})

const rows = matches
  .map((match) => [match, outcomesOf(match)])
  .filter(([, outcomes]) => outcomes.length > 0)
  .map(([match, outcomes]) => rowOf(match, outcomes))
console.log(`\n${tableOf(rows)}\n`)
if (wish.report !== undefined && rows.length > 0)
  for (const file of writeReport(wish.report, { rows, build })) console.log(`wrote ${file}`)
if (wish.isKept) keepEntries(KEPT, ledger.all())

const aims = rows.flatMap((row) => row.aims)
const broken = aims.filter(isBroken)
console.log(`${aims.filter(({ state }) => state === 'reached').length} of ${aims.length} aims reached`)
if (broken.length > 0) console.log(`the data contradict ${broken.length}`)
if (wish.counts !== undefined) {
  mkdirSync(dirname(wish.counts), { recursive: true })
  writeFileSync(wish.counts, JSON.stringify({ passed: aims.length - broken.length, failed: broken.length }))
}
process.exitCode = broken.length > 0 ? 1 : 0

function outcomesOf({ scenario, judge, jobs }) {
  return wish.isReport ? ledger.of(scenario.name, judge.name) : jobs.map(ledger.get)
}

/** Returns how long some jobs take, by the runs so far; nothing before the first one. */
function timeText(left) {
  const ms = duration.of(left) / Math.min(2, availableParallelism())
  return ms === 0 ? '' : `, about ${time(ms)} on ${availableParallelism()} cores`
}

function readWishOrEnd() {
  try {
    return readWish(process.argv.slice(2))
  } catch (error) {
    console.error(error.message)
    process.exit(2)
  }
}

/** Prints the progress from time to time. */
function withNews(onResult) {
  let toldAt = performance.now()
  let done = 0
  return (job, outcome, tookMs) => {
    onResult(job, outcome, tookMs)
    done += 1
    const now = performance.now()
    if (now - toldAt < NEWS_MS) return
    toldAt = now
    console.error(`${done} of ${jobs.length} runs${timeText(jobs.slice(done))}`)
  }
}
