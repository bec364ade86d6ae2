// What the judge costs: `npm run bench:judge-cost`. The same rollout under the evidence judge and under one that does
// nothing, alternately, with the same traffic: the difference of CPU time for each request of the canary.
import { errorRate, evidenceJudge, latency, predictionShift, tailLatency } from '@model-canary/core'
import { simulate } from '@model-canary/testing'
import { quantile } from '../harness/spread.mjs'

const WEIGHTS = [10, 25, 50, 75]
const REQUESTS_PER_SECOND = 50
const HORIZON_MS = 300_000
const ROUNDS = 7

const version = { errorRate: 0.01, predictions: { positive: 60, negative: 40 } }
const guardrails = [
  errorRate({ margin: 0.02 }),
  latency({ marginMs: 50 }),
  tailLatency(),
  tailLatency({ name: 'p95', quantile: 0.95 }),
  predictionShift(),
]

/** A judge that does nothing: the cost of a rollout without a judge. */
const idleJudge = {
  name: 'idle',
  open: () => null,
  update: () => null,
  decide: (_, { epoch, step }) => ({ kind: 'inconclusive', epoch, step, checks: [] }),
}

/** Returns the CPU time of five minutes at one weight, in microseconds, and the canary's requests. */
async function cpuOf(judge, weight, seed) {
  const step = { minDurationMs: 0, minRequests: 0 }
  const before = process.cpuUsage()
  const { requests } = await simulate({
    seed,
    requestsPerSecond: REQUESTS_PER_SECOND,
    baseline: version,
    canary: version,
    horizonMs: HORIZON_MS,
    rollout: {
      plan: {
        steps: [
          { weight, gate: 'manual', ...step },
          { weight: 100, ...step },
        ],
      },
      warmUp: { durationMs: 0 },
      guardrails,
      judge,
      historySize: 10,
    },
  })
  const { user, system } = process.cpuUsage(before)
  return { us: user + system, canary: requests.canary }
}

const sum = (values) => values.reduce((total, value) => total + value, 0)

await cpuOf(evidenceJudge(), 50, 0) // warms the compiler up
await cpuOf(idleJudge, 50, 0)
const rows = []
for (const weight of WEIGHTS) {
  const extra = []
  let canary = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const idle = await cpuOf(idleJudge, weight, round)
    const judged = await cpuOf(evidenceJudge(), weight, round)
    extra.push(judged.us - idle.us)
    canary = judged.canary
  }
  const us = quantile(extra, 0.5)
  rows.push({ us, canary })
  const perSecond = us / (HORIZON_MS / 1_000)
  console.log(
    `${String(weight).padStart(3)} %: ${(us / canary).toFixed(2)} µs a canary request (${quantile(extra, 0).toFixed(0)} to ${quantile(extra, 1).toFixed(0)} µs in all), ${perSecond.toFixed(0)} µs a second`,
  )
}
const amortised = sum(rows.map(({ us }) => us)) / sum(rows.map(({ canary }) => canary))
console.log(
  `over a plan of equal times: ${amortised.toFixed(2)} µs a canary request; five guardrails, ${REQUESTS_PER_SECOND} requests a second`,
)
