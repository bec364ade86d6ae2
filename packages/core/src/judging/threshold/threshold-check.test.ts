import { describe, expect, it } from 'vitest'
import { type ArmStory, arm, constants } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { welchTest } from '../../statistics/welch-test.js'
import type { Check } from '../judge.js'
import { type CheckRules, thresholdCheck } from './threshold-check.js'

/** The check of one guardrail on two arms, 100 canary samples being asked for. */
function check(guardrail: Guardrail, baseline: ArmStory, canary: ArmStory, rules: Partial<CheckRules> = {}): Check {
  const arms = { baseline: arm(baseline), canary: arm(canary) }
  return thresholdCheck(guardrail, arms, { minSamples: 100, test: undefined, phase: 'step', ...rules })
}

describe('a check', () => {
  it('is held within the margin', () => {
    const found = check(errorRate(), { requests: 900, errors: 9 }, { requests: 100, errors: 2 })
    expect(found).toMatchObject({ guardrail: 'errorRate', outcome: 'held', rule: 'margin', margin: 0.02, limit: null })
    expect(found.reason).toBe('error rate 2 % against 1 %: 1 point more, 2 accepted')
  })

  it('is breached beyond the margin, and carries the figures', () => {
    expect(check(errorRate(), { requests: 900, errors: 10 }, { requests: 108, errors: 8 })).toEqual({
      guardrail: 'errorRate',
      severity: 'rollback',
      outcome: 'breached',
      rule: 'margin',
      unit: 'share',
      baseline: 10 / 900,
      canary: 8 / 108,
      difference: 8 / 108 - 10 / 900,
      margin: 0.02,
      limit: null,
      samples: { baseline: 900, canary: 108 },
      reason: 'error rate 7.41 % against 1.11 %: 6.3 points more, 2 accepted',
    })
  })

  it('is held at the margin itself', () => {
    const found = check(latency({ marginMs: 50 }), { requests: 9, latencyMs: 70 }, { requests: 100, latencyMs: 120 })
    expect(found).toMatchObject({ outcome: 'held', difference: 50 })
    expect(found.reason).toBe('mean latency 120 ms against 70 ms: 50 ms more, 50 accepted')
  })

  it('says "just over" if the figures are equal after rounding', () => {
    const found = check(latency(), { requests: 9, latencyMs: 70 }, { requests: 100, latencyMs: 120.01 })
    expect(found.outcome).toBe('breached')
    expect(found.reason).toBe('mean latency 120 ms against 70 ms: just over 50 ms more, 50 accepted')
  })

  it('is undecided below the least number of canary samples', () => {
    const found = check(errorRate(), { requests: 900 }, { requests: 62, errors: 62 })
    expect(found).toMatchObject({ outcome: 'undecided', rule: 'samples', reason: '62 of 100 canary requests' })
    expect(check(errorRate(), { requests: 900 }, { requests: 62, errors: 62 }, { minSamples: 62 }).outcome).toBe(
      'breached',
    )
  })

  it('counts its own samples: requests without a prediction say nothing about predictions', () => {
    const canary = { requests: 500, predictions: { yes: 40 } }
    const found = check(predictionShift(), { predictions: { yes: 900 } }, canary)
    expect(found).toMatchObject({ outcome: 'undecided', reason: '40 of 100 canary predictions' })
  })

  it('needs one observation of the baseline: missing data never counts as a pass', () => {
    const found = check(errorRate(), {}, { requests: 120 })
    expect(found).toMatchObject({ outcome: 'undecided', rule: 'samples', baseline: null, difference: null })
    expect(found.reason).toBe('no baseline requests yet to compare 120 of the canary with')
    expect(check(errorRate(), { requests: 1 }, { requests: 120 }).outcome).toBe('held')
  })

  it('is breached by an absolute limit regardless of the baseline, even without one', () => {
    const strict = errorRate({ limit: 0.1 })
    for (const baseline of [{ requests: 900, errors: 180 }, {}]) {
      const found = check(strict, baseline, { requests: 100, errors: 12 })
      expect(found).toMatchObject({ outcome: 'breached', rule: 'limit', limit: 0.1 })
      expect(found.reason).toBe('error rate 12 % is above the limit of 10 %')
    }
    expect(check(strict, { requests: 9, errors: 1 }, { requests: 99, errors: 99 }).outcome).toBe('undecided')
    expect(check(strict, { requests: 100, errors: 9 }, { requests: 100, errors: 10 }).outcome).toBe('held')
  })

  it('has a limit from below if a metric must not fall', () => {
    const profit = metric('profit', { direction: 'must-not-fall', margin: 1, limit: -2 })
    const arms = (mean: number) => ({ metrics: { profit: constants([100, mean]) } })
    expect(check(profit, arms(-3), arms(-3))).toMatchObject({
      outcome: 'breached',
      rule: 'limit',
      reason: 'profit -3 is below the limit of -2',
    })
    expect(check(profit, arms(-2), arms(-2)).outcome).toBe('held')
  })

  it('says the direction of an improvement', () => {
    const fewer = check(errorRate(), { requests: 100, errors: 5 }, { requests: 100, errors: 1 })
    expect(fewer).toMatchObject({
      outcome: 'held',
      reason: 'error rate 1 % against 5 %: 4 points less, 2 more accepted',
    })
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.01 })
    const of = (hits: number) => ({ metrics: { conversion: constants([100 - hits, 0], [hits, 1]) } })
    expect(check(conversion, of(10), of(30)).reason).toBe('conversion 0.3 against 0.1: 0.2 more, 0.01 less accepted')
    expect(check(conversion, of(30), of(10))).toMatchObject({
      outcome: 'breached',
      reason: 'conversion 0.1 against 0.3: 0.2 less, 0.01 accepted',
    })
  })

  it('names the class that moved', () => {
    const found = check(
      predictionShift(),
      { predictions: { positive: 600, negative: 400 } },
      { predictions: { positive: 82, negative: 18 } },
    )
    expect(found.outcome).toBe('breached')
    expect(found.reason).toMatch(
      /^share of "(negative" 18 % against 40 %: 22 points less|positive" 82 % against 60 %: 22 points more), 10 accepted$/,
    )
  })

  it('catches a canary that hangs, before any of its flights has finished', () => {
    const found = check(tailLatency(), { requests: 900, latencyMs: 100 }, { pending: [100, 9_000] })
    expect(found).toMatchObject({ outcome: 'breached', rule: 'margin', samples: { baseline: 900, canary: 100 } })
    expect(found.reason).toMatch(/^p99 latency \d+ ms against (100|99\.\d) ms: \d+ ms more, (50|49\.\d) accepted$/)
  })

  it('needs ratio and least increase both for a tail', () => {
    const tail = tailLatency({ ratio: 1.5, minIncreaseMs: 10 })
    const at = (latencyMs: number) => ({ requests: 100, latencyMs })
    expect(check(tail, at(0.01), at(0.1)).outcome).toBe('held') // tenfold, and nobody feels it
    expect(check(tail, at(1000), at(1200)).outcome).toBe('held') // 200 ms, and only a fifth
    expect(check(tail, at(1000), at(1600)).outcome).toBe('breached')
    expect(check(tail, at(1), at(20)).outcome).toBe('breached')
  })
})

describe('with a test', () => {
  const test = welchTest({ alpha: 0.05 })

  it('an excess that may be chance is undecided', () => {
    // 4/100 against 1/100: three points, t = 1.3582, p = 0.08824 (scipy)
    const found = check(errorRate(), { requests: 100, errors: 1 }, { requests: 100, errors: 4 }, { test })
    expect(found).toMatchObject({ outcome: 'undecided', rule: 'significance' })
    expect(found.reason).toBe(
      'error rate 4 % against 1 %: 3 points more, 2 accepted, but not significant (p 0.0882, 0.05 needed)',
    )
  })

  it('a significant excess is breached', () => {
    // 40/1000 against 10/1000: the same three points, t = 4.3145 (scipy)
    const found = check(errorRate(), { requests: 1000, errors: 10 }, { requests: 1000, errors: 40 }, { test })
    expect(found).toMatchObject({ outcome: 'breached', rule: 'margin' })
  })

  it('a canary that always fails against a baseline that never does is breached', () => {
    expect(check(errorRate(), { requests: 900 }, { requests: 100, errors: 100 }, { test }).outcome).toBe('breached')
  })

  it('one baseline request is too few to test against', () => {
    const found = check(errorRate(), { requests: 1 }, { requests: 100, errors: 9 }, { test })
    expect(found).toMatchObject({ outcome: 'undecided', rule: 'significance' })
    expect(found.reason).toMatch(/, but too few values for the welch test$/)
  })

  it('is significant and within the margin: held', () => {
    const slower = check(latency(), { requests: 900, latencyMs: 100 }, { requests: 900, latencyMs: 120 }, { test })
    expect(slower.outcome).toBe('held')
  })

  it('a fall of a metric that must not fall is tested as a fall', () => {
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.05 })
    const of = (hits: number) => ({ metrics: { conversion: constants([1000 - hits, 0], [hits, 1]) } })
    expect(check(conversion, of(500), of(300), { test }).outcome).toBe('breached')
  })

  it('the worst of several comparisons is corrected for their number', () => {
    // 63 of 100 against 50 of 100: p = 0.0321 one-sided (scipy), which both directions make 0.0642
    const of = (hits: number) => constants([100 - hits, -1], [hits, 1])
    const score = check(scoreShift({ margin: 0.1 }), { score: of(50) }, { score: of(63) }, { test })
    expect(score).toMatchObject({ outcome: 'undecided', rule: 'significance' })
    expect(score.reason).toMatch(/\(p 0\.0642, 0\.05 needed\)$/)
    const rising = metric('m', { direction: 'must-not-rise', margin: 0.1 })
    expect(check(rising, { metrics: { m: of(50) } }, { metrics: { m: of(63) } }, { test }).outcome).toBe('breached')
  })

  it('does not apply to limits and tails', () => {
    expect(
      check(errorRate({ limit: 0.03 }), { requests: 100, errors: 1 }, { requests: 100, errors: 4 }, { test }).outcome,
    ).toBe('breached')
    expect(check(tailLatency(), { requests: 100 }, { requests: 100, latencyMs: 300 }, { test }).outcome).toBe(
      'breached',
    )
  })
})
