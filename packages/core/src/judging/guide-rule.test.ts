import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { emptySummary, type Summary } from '../summaries/summary.js'
import type { Check, StepContext, Verdict } from './judge.js'
import { thresholdJudge } from './threshold-judge.js'

/** One version as the guide counts it: times in seconds, an error is a request too. */
interface GuideMetrics {
  readonly requestCount: number
  readonly errorCount: number
  readonly totalLatency: number
}

/**
 * The rule of the guide's `CanaryController.evaluate`, line by line, without the steps it moves:
 *
 *     v1 = self.metrics["v1"].summary()                # n = max(request_count, 1)
 *     v2 = self.metrics["v2"].summary()                # error_count / n, (total_latency / n) * 1000
 *     if v2["request_count"] < 100: return "waiting"
 *     if v2["error_rate"] - v1["error_rate"] > 0.02: return "ROLLBACK: error rate …"
 *     if v2["avg_latency_ms"] - v1["avg_latency_ms"] > 50: return "ROLLBACK: latency …"
 *     return "PROMOTED …"
 */
function guide(
  v1: GuideMetrics,
  v2: GuideMetrics,
): 'waiting' | 'ROLLBACK: error rate' | 'ROLLBACK: latency' | 'PROMOTED' {
  const summary = ({ requestCount, errorCount, totalLatency }: GuideMetrics) => {
    const n = Math.max(requestCount, 1)
    return { errorRate: errorCount / n, avgLatencyMs: (totalLatency / n) * 1000 }
  }
  const [one, two] = [summary(v1), summary(v2)]
  if (v2.requestCount < 100) return 'waiting'
  if (two.errorRate - one.errorRate > 0.02) return 'ROLLBACK: error rate'
  if (two.avgLatencyMs - one.avgLatencyMs > 50) return 'ROLLBACK: latency'
  return 'PROMOTED'
}

interface Arm {
  readonly requests: number
  readonly errors: number
  readonly totalUs: number
}

const asGuide = ({ requests, errors, totalUs }: Arm): GuideMetrics => ({
  requestCount: requests,
  errorCount: errors,
  totalLatency: totalUs / 1e6,
})

const asSummary = ({ requests, errors, totalUs }: Arm): Summary => ({
  ...emptySummary(),
  begun: requests,
  outcomes: { success: requests - errors, error: errors, timeout: 0, aborted: 0, rejected: 0, ignored: 0 },
  latencyUs: { count: requests, sum: totalUs, sumOfSquares: requests === 0 ? 0 : totalUs ** 2 / requests },
})

const context: StepContext = {
  guardrails: [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })],
  epoch: 1,
  step: 1,
  stepsLeft: 4,
  weight: 10,
  phase: 'step',
  calibration: {},
}

const ours = (baseline: Arm, canary: Arm): Verdict =>
  thresholdJudge({ minSamples: 100 }).decide({ baseline: asSummary(baseline), canary: asSummary(canary) }, context, 0)

/** Our verdict in the guide's words. The guide stops at the first breach; ours reports all of them. */
function inGuideWords({ kind, checks }: Verdict): string {
  const outcomeOf = (name: string): Check['outcome'] | undefined => checks.find((c) => c.guardrail === name)?.outcome
  if (kind === 'inconclusive') return 'waiting'
  if (kind === 'pass') return 'PROMOTED'
  return outcomeOf('errorRate') === 'breached' ? 'ROLLBACK: error rate' : 'ROLLBACK: latency'
}

describe('the rule of the guide', () => {
  const steady: Arm = { requests: 900, errors: 9, totalUs: 900 * 120_000 }

  it.each([
    ['waits', { requests: 99, errors: 99, totalUs: 0 }, 'waiting'],
    ['rolls back for errors', { requests: 100, errors: 4, totalUs: 100 * 120_000 }, 'ROLLBACK: error rate'],
    ['rolls back for latency', { requests: 100, errors: 1, totalUs: 100 * 171_000 }, 'ROLLBACK: latency'],
    ['names errors first', { requests: 100, errors: 9, totalUs: 100 * 900_000 }, 'ROLLBACK: error rate'],
    ['promotes', { requests: 100, errors: 2, totalUs: 100 * 160_000 }, 'PROMOTED'],
  ])('%s, and so does the threshold judge', (_what, canary, expected) => {
    expect(guide(asGuide(steady), asGuide(canary))).toBe(expected)
    expect(inGuideWords(ours(steady, canary))).toBe(expected)
  })

  it('promotes without a baseline request, in contrast to the threshold judge, which waits', () => {
    const nothing: Arm = { requests: 0, errors: 0, totalUs: 0 }
    const canary: Arm = { requests: 100, errors: 0, totalUs: 100 * 40_000 }
    expect(guide(asGuide(nothing), asGuide(canary))).toBe('PROMOTED')
    expect(ours(nothing, canary).kind).toBe('inconclusive')
  })

  describe('properties', () => {
    /** Near the edges of the rule, where a slip would show: around 100 requests, 2 points and 50 ms. */
    const armOf = (requests: fc.Arbitrary<number>): fc.Arbitrary<Arm> =>
      requests.chain((n) =>
        fc.record({
          requests: fc.constant(n),
          errors: fc.oneof(fc.integer({ min: 0, max: Math.ceil(n * 0.06) }), fc.nat(n)).map((k) => Math.min(k, n)),
          totalUs: fc
            .oneof(fc.integer({ min: 100_000, max: 180_000 }), fc.nat(2_000_000))
            .chain((mean) => fc.integer({ min: n * mean, max: n * (mean + 1) })),
        }),
      )
    const baselineArm = armOf(fc.integer({ min: 1, max: 3_000 }))
    const canaryArm = armOf(fc.oneof(fc.integer({ min: 90, max: 110 }), fc.integer({ min: 0, max: 2_000 })))

    it('the threshold judge decides as the guide does on the same two summaries', () => {
      const seen = new Map<string, number>()
      fc.assert(
        fc.property(baselineArm, canaryArm, (baseline, canary) => {
          const rise = canary.totalUs / canary.requests - baseline.totalUs / baseline.requests
          fc.pre(!(Math.abs(rise - 50_000) < 1e-4)) // a tie is decided by the rounding of seconds, not by the rule
          fc.pre(baseline.errors / baseline.requests < 0.98) // the guide promotes where no canary could be worse by more
          fc.pre(Math.min(baseline.errors / baseline.requests, canary.errors / canary.requests) < 0.5) // or both are down
          const expected = guide(asGuide(baseline), asGuide(canary))
          seen.set(expected, (seen.get(expected) ?? 0) + 1)
          expect(inGuideWords(ours(baseline, canary))).toBe(expected)
        }),
        { numRuns: 3_000 },
      )
      expect([...seen.values()].every((times) => times > 100) && seen.size === 4).toBe(true)
    })
  })
})
