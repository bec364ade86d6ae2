import { errorRate, evidenceJudge } from '@model-canary/core'
import { simulate } from '@model-canary/testing'

/** A service with 1 % errors, known for twenty minutes, and the margin of the guardrail: 2 points. */
const SERVICE = { requestsPerSecond: 20, baseline: { errorRate: 0.01 }, beforeMs: 1_200_000 }
const GUARDRAILS = [errorRate({ margin: 0.02 })]

/**
 * The evidence of one rollout over time.
 *
 * @typedef {object} Path
 * @property {readonly Point[]} points one after each block of counts
 * @property {'promoted' | 'rolled-back'} state how it ended
 * @property {number} endS when it ended, in seconds since the start
 * @property {number} canaryRequests
 *
 * @typedef {{ s: number, weight: number, harm: number, safety: number, needed: number }} Point
 */

/**
 * Simulates a rollout with the default plan and one guardrail, and returns what the judge saw on the way.
 *
 * @param {{ errorRate: number, seed: number }} canary
 * @returns {Promise<Path>}
 */
export async function evidencePath({ errorRate: canaryErrorRate, seed }) {
  const points = []
  const judge = evidenceJudge()
  let elapsedMs = 0
  const watched = {
    ...judge,
    update(before, block, context) {
      const evidence = judge.update(before, block, context)
      const [{ evidence: seen }] = judge.decide(evidence, context, elapsedMs).checks
      elapsedMs += block.elapsedMs
      const { harm, safety } = seen
      points.push({
        s: elapsedMs / 1_000,
        weight: context.weight,
        harm: harm.now,
        safety: safety.now,
        needed: safety.needed,
      })
      return evidence
    },
  }
  const { status, requests, ...end } = await simulate({
    ...SERVICE,
    seed,
    canary: { errorRate: canaryErrorRate },
    rollout: { guardrails: GUARDRAILS, judge: watched, historySize: 1 },
  })
  return { points, state: status.state, endS: end.elapsedMs / 1_000, canaryRequests: requests.canary }
}
