import { errorRate, latency, linearPlan, predictionShift } from '@model-canary/core'
import { simulate } from '@model-canary/testing'
const guardrails = [errorRate({ margin: 0.02 }), latency({ marginMs: 50 }), predictionShift({ margin: 0.1 })]
const baseline = { errorRate: 0.005, latencyMs: { mean: 120 }, predictions: { positive: 0.6, negative: 0.4 } }
for (const [rps, horizonMs] of [[50, 7.2e6], [10, 2.88e7], [1, 8.64e7*2]]) for (const plan of [undefined, linearPlan([10,25,50,75,100],{minRequests:1000})]) {
  const took = []
  for (let seed = 1; seed <= 5; seed++) { const r = await simulate({ seed, requestsPerSecond: rps, baseline, canary: baseline, horizonMs, rollout: { guardrails, ...(plan && { plan }) } }); took.push([r.status.state, Math.round(r.status.elapsedMs / 60000)]) }
  console.log(rps, plan ? 'minRequests 1000' : 'default', JSON.stringify(took))
}
