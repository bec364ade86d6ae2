import { describe, expect, it } from 'vitest'
import { arm } from '../guardrails/arm.fixture.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import type { Judge } from './judge.js'
import { judgeOnce } from './judge-once.js'
import { thresholdJudge } from './threshold-judge.js'

const baseline = arm({ requests: 900, errors: 9, latencyMs: 100 })
const canary = arm({ requests: 90, errors: 9, latencyMs: 100 })
const guardrails = [errorRate(), latency()]

describe('judgeOnce', () => {
  it('needs only two summaries and guardrails', () => {
    const verdict = judgeOnce({ baseline, canary: arm({ requests: 100, errors: 10 }), guardrails })
    expect(verdict).toMatchObject({ kind: 'fail', response: 'rollback', epoch: 1, step: 1 })
    expect(verdict.checks[0]?.reason).toBe('error rate 10 % against 1 %: 9 points more, 2 accepted')
  })

  it('takes another judge', () => {
    expect(judgeOnce({ baseline, canary, guardrails }).kind).toBe('inconclusive')
    expect(judgeOnce({ baseline, canary, guardrails, judge: thresholdJudge({ minSamples: 50 }) }).kind).toBe('fail')
  })

  it('takes a place in a rollout', () => {
    const judge = thresholdJudge({ minSamples: 50 })
    const slow = arm({ requests: 90, latencyMs: 900 })
    const verdict = judgeOnce({ baseline, canary: slow, guardrails, judge, context: { phase: 'warm-up', step: 0 } })
    expect(verdict).toMatchObject({ kind: 'inconclusive', step: 0 })
  })

  it('shows the judge one block of the given length', () => {
    const seen: unknown[] = []
    const judge: Judge = {
      name: 'curious',
      open: () => [],
      update: (_evidence, block) => block,
      decide: (evidence, { epoch, step }, elapsedMs) => {
        seen.push(evidence, elapsedMs)
        return { kind: 'inconclusive', epoch, step, checks: [] }
      },
    }
    judgeOnce({ baseline, canary, guardrails, judge, elapsedMs: 5_000 })
    expect(seen).toEqual([{ baseline, canary, elapsedMs: 5_000 }, 5_000])
  })

  it('reads summaries and guardrails from JSON', () => {
    const options = JSON.parse(JSON.stringify({ baseline, canary, guardrails }))
    expect(judgeOnce(options)).toEqual(judgeOnce({ baseline, canary, guardrails }))
  })

  it('refuses what it cannot judge', () => {
    expect(() => judgeOnce({ baseline, canary, guardrails: [] })).toThrow('[NO_GUARDRAILS]')
    expect(() => judgeOnce({ baseline, canary: {} as typeof canary, guardrails })).toThrow('[INVALID_SUMMARY]')
    expect(() => judgeOnce({ baseline, canary, guardrails, minSamples: 5 } as never)).toThrow('[UNKNOWN_OPTION]')
    const context = { phse: 'bake' } as object
    expect(() => judgeOnce({ baseline, canary, guardrails, context })).toThrow('[UNKNOWN_OPTION]')
  })
})
