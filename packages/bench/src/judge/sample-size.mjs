// How many canary requests the judge needs: two tables of docs/statistics.md.
// `npm run --prefix packages/bench bench:sample-size -- [replications] [folder of statistics.md, to write them there]`
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { errorRate, evidenceJudge, latency, predictionShift, tailLatency } from '@model-canary/core'
import { emptySummary } from '@model-canary/core/judge'
import { seededRandom } from '@model-canary/testing'
import { replaced } from './report/replaced.mjs'
import { tableText } from './report/table-text.mjs'
import { seedOf } from './seeds.mjs'
import { quantileOf } from './tally.mjs'

const REQUESTS_PER_SECOND = 50
const WEIGHTS = [10, 50]
const RATES = [0.001, 0.01, 0.05, 0.1]
const MARGINS = [0.01, 0.02, 0.05]

/** How much worse the canary that has to be found is, in margins. */
const HARMS = [1.5, 2.5]
const WORSE = [1, ...HARMS]

/** The baseline alone before the start: 80 windows of 15 s, twenty minutes. */
const PAST_WINDOWS = 80
const WINDOW_S = 15

/** The longest simulated time, five and a half hours; a longer run has no result. */
const MOST_SECONDS = 20_000

/** Without the minimums of a plan: only what the evidence needs is counted. */
const judgeOf = (options) => evidenceJudge({ minStepMs: 0, minStepRequests: 0, ...options })

/** The parameters that the second table varies, and their columns. */
const OPTIONS = [{}, { tolerable: 0.25 }, { tolerable: 0.75 }, { alpha: 0.01 }, { alpha: 0.001 }]
const USUAL = { rate: 0.01, margin: 0.02, weight: 10 }

/** Errors, and four guardrails without data: they keep their weight in the combined evidence, as in the benchmark. */
const guardrailsOf = (margin, isAlone) =>
  isAlone
    ? [errorRate({ margin })]
    : [
        errorRate({ margin }),
        latency(),
        tailLatency({ name: 'p95', quantile: 0.95 }),
        tailLatency({ name: 'p99', quantile: 0.99 }),
        predictionShift(),
      ]

/** Draws answered requests, each of which fails with the same probability. */
function draw(random, requests, errorRate) {
  let error = 0
  for (let request = 0; request < requests; request += 1) if (random() < errorRate) error += 1
  const summary = emptySummary()
  return { ...summary, begun: requests, outcomes: { ...summary.outcomes, success: requests - error, error } }
}

/**
 * Returns the canary requests until the verdict is `kind`, with an interim check each second; infinite if it never is.
 */
function requestsUntil(kind, { rate, margin, weight, harm }, judge, random) {
  const guardrails = guardrailsOf(margin, kind === 'pass')
  let baselineHistory = null
  for (let window = 0; window < PAST_WINDOWS; window += 1) {
    baselineHistory = judge.learn.update(
      baselineHistory,
      draw(random, REQUESTS_PER_SECOND * WINDOW_S, rate),
      guardrails,
    )
  }
  const calibration = { baselineHistory }
  const context = { guardrails, epoch: 1, step: 1, stepsLeft: 4, weight, phase: 'step', calibration }
  let evidence = judge.open(undefined, context)
  let requests = 0
  for (let second = 0; second < MOST_SECONDS; second += 1) {
    let toCanary = 0
    for (let request = 0; request < REQUESTS_PER_SECOND; request += 1) if (random() * 100 < weight) toCanary += 1
    requests += toCanary
    const block = {
      baseline: draw(random, REQUESTS_PER_SECOND - toCanary, rate),
      canary: draw(random, toCanary, rate + harm * margin),
      elapsedMs: 1_000,
    }
    evidence = judge.update(evidence, block, context)
    if (judge.decide(evidence, context).kind === kind) return requests
  }
  return Number.POSITIVE_INFINITY
}

function medianOf(kind, place, { replications, judge }) {
  const name = `sample-size/${kind}/${JSON.stringify(place)}`
  const all = Array.from({ length: replications }, (_, replication) =>
    requestsUntil(kind, place, judge, seededRandom(seedOf(name, replication))),
  )
  const median = quantileOf(all, 0.5)
  return median === Number.POSITIVE_INFINITY ? '–' : Number(median.toPrecision(2)).toLocaleString('en')
}

function trafficTable(replications) {
  const columns = WEIGHTS.flatMap((weight) => [
    { kind: 'pass', weight, harm: 0, title: `at ${weight} %: next step` },
    ...HARMS.map((harm) => ({ kind: 'fail', weight, harm, title: `back, ${harm} margins worse` })),
  ])
  const places = RATES.flatMap((rate) => MARGINS.map((margin) => ({ rate, margin })))
  return tableText(
    ['errors', 'margin, points', ...columns.map(({ title }) => title)],
    places.map(({ rate, margin }) => [
      `${rate * 100} %`,
      `${margin * 100}`,
      ...columns.map(({ kind, weight, harm }) =>
        medianOf(kind, { rate, margin, weight, harm }, { replications, judge: judgeOf() }),
      ),
    ]),
  )
}

function optionTable(replications) {
  const nameOf = (options) => {
    const [[name, value] = []] = Object.entries(options)
    return name === undefined ? 'default' : `\`${name}: ${value}\``
  }
  return tableText(
    ['options', ...WORSE.map((harm) => `${harm} ${harm === 1 ? 'margin' : 'margins'} worse`)],
    OPTIONS.map((options) => [
      nameOf(options),
      ...WORSE.map((harm) => medianOf('fail', { ...USUAL, harm }, { replications, judge: judgeOf(options) })),
    ]),
  )
}

const [replications = 100, folder] = process.argv.slice(2)
const tables = { traffic: trafficTable(Number(replications)), options: optionTable(Number(replications)) }
for (const table of Object.values(tables)) console.log(`${table}\n`)
if (folder !== undefined) {
  const page = join(resolve(process.env.INIT_CWD ?? '.', folder), 'statistics.md')
  const filled = Object.entries(tables).reduce(
    (text, [name, table]) => replaced(text, table, `bench:${name}`),
    readFileSync(page, 'utf8'),
  )
  writeFileSync(page, filled)
}
