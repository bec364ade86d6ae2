import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Summary } from '../metrics/summary.js'
import { type ArmStory, arm, constants } from './arm.fixture.js'
import { errorRate } from './error-rate.js'
import type { Guardrail } from './guardrail.js'
import type { StepContext } from './judge.js'
import { latency } from './latency.js'
import { metric } from './metric.js'
import { predictionShift } from './prediction-shift.js'
import { scoreShift } from './score-shift.js'
import { tailLatency } from './tail-latency.js'
import { type ThresholdJudgeOptions, thresholdJudge } from './threshold-judge.js'
import { welchTest } from './welch-test.js'

const context = (guardrails: readonly Guardrail[], rest: Partial<StepContext> = {}): StepContext => ({
  guardrails,
  epoch: 1,
  step: 2,
  stepsLeft: 3,
  weight: 25,
  phase: 'step',
  calibration: { baseline: null },
  ...rest,
})

/** The verdict on two arms, by one guardrail or several. */
function decide(
  guardrails: Guardrail | readonly Guardrail[],
  baseline: ArmStory,
  canary: ArmStory,
  { rest, ...options }: ThresholdJudgeOptions & { rest?: Partial<StepContext> } = {},
) {
  const list = Array.isArray(guardrails) ? guardrails : [guardrails as Guardrail]
  const arms = { baseline: arm(baseline), canary: arm(canary) }
  return thresholdJudge(options).decide(arms, context(list, rest), 60_000)
}

describe('a check', () => {
  const first = (...args: Parameters<typeof decide>) => decide(...args).checks[0]!

  it('is held within the margin', () => {
    const check = first(errorRate(), { requests: 900, errors: 9 }, { requests: 100, errors: 2 })
    expect(check).toMatchObject({ guardrail: 'errorRate', outcome: 'held', rule: 'margin', margin: 0.02, limit: null })
    expect(check.reason).toBe('error rate 2 % against 1 %: 1 point more, 2 accepted')
  })

  it('is breached beyond the margin, and carries the figures', () => {
    expect(first(errorRate(), { requests: 900, errors: 10 }, { requests: 108, errors: 8 })).toEqual({
      guardrail: 'errorRate',
      severity: 'rollback',
      outcome: 'breached',
      rule: 'margin',
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
    const check = first(latency({ marginMs: 50 }), { requests: 9, latencyMs: 70 }, { requests: 100, latencyMs: 120 })
    expect(check).toMatchObject({ outcome: 'held', difference: 50 })
    expect(check.reason).toBe('mean latency 120 ms against 70 ms: 50 ms more, 50 accepted')
  })

  it('says so where the excess is too narrow for its figures', () => {
    const check = first(latency(), { requests: 9, latencyMs: 70 }, { requests: 100, latencyMs: 120.01 })
    expect(check.outcome).toBe('breached')
    expect(check.reason).toBe('mean latency 120 ms against 70 ms: just over 50 ms more, 50 accepted')
  })

  it('is undecided below the canary samples that are asked for', () => {
    const check = first(errorRate(), { requests: 900 }, { requests: 62, errors: 62 })
    expect(check).toMatchObject({ outcome: 'undecided', rule: 'samples', reason: '62 of 100 canary requests' })
    expect(first(errorRate(), { requests: 900 }, { requests: 62, errors: 62 }, { minSamples: 62 }).outcome).toBe(
      'breached',
    )
  })

  it('counts its own samples: requests without a prediction say nothing about predictions', () => {
    const canary = { requests: 500, predictions: { yes: 40 } }
    const check = first(predictionShift(), { predictions: { yes: 900 } }, canary)
    expect(check).toMatchObject({ outcome: 'undecided', reason: '40 of 100 canary predictions' })
  })

  it('needs one observation of the baseline: no data is never a pass', () => {
    const check = first(errorRate(), {}, { requests: 120 })
    expect(check).toMatchObject({ outcome: 'undecided', rule: 'samples', baseline: null, difference: null })
    expect(check.reason).toBe('no baseline requests yet to compare 120 of the canary with')
    expect(first(errorRate(), { requests: 1 }, { requests: 120 }).outcome).toBe('held')
  })

  it('breaks an absolute limit whatever the baseline does, even where there is none', () => {
    const strict = errorRate({ limit: 0.1 })
    for (const baseline of [{ requests: 900, errors: 180 }, {}]) {
      const check = first(strict, baseline, { requests: 100, errors: 12 })
      expect(check).toMatchObject({ outcome: 'breached', rule: 'limit', limit: 0.1 })
      expect(check.reason).toBe('error rate 12 % is above the limit of 10 %')
    }
    expect(first(strict, { requests: 9, errors: 1 }, { requests: 99, errors: 99 }).outcome).toBe('undecided')
    expect(first(strict, { requests: 100, errors: 9 }, { requests: 100, errors: 10 }).outcome).toBe('held')
  })

  it('keeps a limit from below where a metric must not fall', () => {
    const profit = metric('profit', { direction: 'must-not-fall', margin: 1, limit: -2 })
    const arms = (mean: number) => ({ metrics: { profit: constants([100, mean]) } })
    expect(first(profit, arms(-3), arms(-3))).toMatchObject({
      outcome: 'breached',
      rule: 'limit',
      reason: 'profit -3 is below the limit of -2',
    })
    expect(first(profit, arms(-2), arms(-2)).outcome).toBe('held')
  })

  it('tells which way an improvement went', () => {
    const fewer = first(errorRate(), { requests: 100, errors: 5 }, { requests: 100, errors: 1 })
    expect(fewer).toMatchObject({
      outcome: 'held',
      reason: 'error rate 1 % against 5 %: 4 points less, 2 more accepted',
    })
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.01 })
    const of = (hits: number) => ({ metrics: { conversion: constants([100 - hits, 0], [hits, 1]) } })
    expect(first(conversion, of(10), of(30)).reason).toBe('conversion 0.3 against 0.1: 0.2 more, 0.01 less accepted')
    expect(first(conversion, of(30), of(10))).toMatchObject({
      outcome: 'breached',
      reason: 'conversion 0.1 against 0.3: 0.2 less, 0.01 accepted',
    })
  })

  it('names the class that moved', () => {
    const check = first(
      predictionShift(),
      { predictions: { positive: 600, negative: 400 } },
      { predictions: { positive: 82, negative: 18 } },
    )
    expect(check.outcome).toBe('breached')
    expect(check.reason).toMatch(
      /^share of "(negative" 18 % against 40 %: 22 points less|positive" 82 % against 60 %: 22 points more), 10 accepted$/,
    )
  })

  it('catches a canary that hangs, before any of its flights has finished', () => {
    const check = first(tailLatency(), { requests: 900, latencyMs: 100 }, { pending: [100, 9_000] })
    expect(check).toMatchObject({ outcome: 'breached', rule: 'margin', samples: { baseline: 900, canary: 100 } })
    expect(check.reason).toMatch(/^p99 latency \d+ ms against (100|99\.\d) ms: \d+ ms more, (50|49\.\d) accepted$/)
  })

  it('needs ratio and least increase both for a tail', () => {
    const tail = tailLatency({ ratio: 1.5, minIncreaseMs: 10 })
    const at = (latencyMs: number) => ({ requests: 100, latencyMs })
    expect(first(tail, at(0.01), at(0.1)).outcome).toBe('held') // tenfold, and nobody feels it
    expect(first(tail, at(1000), at(1200)).outcome).toBe('held') // 200 ms, and only a fifth
    expect(first(tail, at(1000), at(1600)).outcome).toBe('breached')
    expect(first(tail, at(1), at(20)).outcome).toBe('breached')
  })
})

describe('the verdict', () => {
  const good = { requests: 900, errors: 9 }

  it('passes, fails and waits', () => {
    expect(decide(errorRate(), good, { requests: 100, errors: 1 }).kind).toBe('pass')
    expect(decide(errorRate(), good, { requests: 100, errors: 9 })).toMatchObject({
      kind: 'fail',
      response: 'rollback',
    })
    expect(decide(errorRate(), good, { requests: 99 }).kind).toBe('inconclusive')
    expect(decide(errorRate(), good, {}).kind).toBe('inconclusive')
  })

  it('holds on a breach of severity hold, and ignores one that is only observed', () => {
    const bad = { requests: 100, errors: 50 }
    expect(decide(errorRate({ severity: 'hold' }), good, bad)).toMatchObject({ kind: 'fail', response: 'hold' })
    const observed = errorRate({ severity: 'observe' })
    expect(decide([observed, latency()], good, bad)).toMatchObject({
      kind: 'pass',
      checks: [{ outcome: 'breached' }, {}],
    })
  })

  it('reports every breach, not only the first', () => {
    const verdict = decide([errorRate(), latency()], good, { requests: 100, errors: 9, latencyMs: 300 })
    expect(verdict.checks.map((check) => check.outcome)).toEqual(['breached', 'breached'])
  })

  it('belongs to its epoch and step', () => {
    expect(decide(errorRate(), good, good)).toMatchObject({ epoch: 1, step: 2 })
  })
})

describe('a phase', () => {
  const cold = { requests: 100, latencyMs: 900 }
  const warm = { requests: 900, latencyMs: 100 }
  const rest = { phase: 'warm-up' } as const

  it('of warming up judges errors and no latency, not even by a limit', () => {
    const guardrails = [errorRate(), latency({ limitMs: 200 }), tailLatency()]
    const verdict = decide(guardrails, warm, cold, { rest })
    expect(verdict.kind).toBe('inconclusive')
    expect(verdict.checks.map(({ outcome, rule }) => [outcome, rule])).toEqual([
      ['held', 'margin'],
      ['undecided', 'phase'],
      ['undecided', 'phase'],
    ])
    expect(verdict.checks[1]?.reason).toBe('mean latency is not judged during the warm-up; 100 canary requests so far')
    expect(decide(guardrails, warm, { ...cold, errors: 50 }, { rest }).kind).toBe('fail')
  })

  it('of baking without a baseline judges by limits alone', () => {
    const bake = (guardrail: Guardrail, canary: ArmStory) =>
      decide(guardrail, {}, canary, { rest: { phase: 'bake', weight: 100 } })
    const within = bake(errorRate({ limit: 0.1 }), { requests: 100, errors: 3 })
    expect(within).toMatchObject({ kind: 'pass', checks: [{ outcome: 'held', rule: 'limit' }] })
    expect(within.checks[0]?.reason).toBe('error rate 3 % is within the limit of 10 %; at 100 % there is no baseline')
    const beyond = bake(errorRate({ limit: 0.1 }), { requests: 100, errors: 30 })
    expect(beyond).toMatchObject({ kind: 'fail', checks: [{ outcome: 'breached', rule: 'limit' }] })
    const unlimited = bake(errorRate(), { requests: 100, errors: 3 })
    expect(unlimited).toMatchObject({ kind: 'inconclusive', checks: [{ outcome: 'undecided', rule: 'phase' }] })
    expect(unlimited.checks[0]?.reason).toBe(
      'error rate 3 % has no limit to keep, and at 100 % there is no baseline to compare with',
    )
    expect(bake(errorRate({ limit: 0.1 }), {}).kind).toBe('inconclusive')
  })

  it('of baking with a holdback compares as any step does', () => {
    const bake = { rest: { phase: 'bake' } } as const
    expect(decide(errorRate(), { requests: 50 }, { requests: 500 }, bake).kind).toBe('pass')
    expect(decide(errorRate(), { requests: 50 }, { requests: 500, errors: 50 }, bake).kind).toBe('fail')
  })
})

describe('with a test', () => {
  const test = welchTest({ alpha: 0.05 })

  it('an excess that may be chance is undecided', () => {
    // 4/100 against 1/100: three points, t = 1.3582, p = 0.08824 (scipy)
    const verdict = decide(errorRate(), { requests: 100, errors: 1 }, { requests: 100, errors: 4 }, { test })
    expect(verdict).toMatchObject({ kind: 'inconclusive', checks: [{ outcome: 'undecided', rule: 'significance' }] })
    expect(verdict.checks[0]?.reason).toBe(
      'error rate 4 % against 1 %: 3 points more, 2 accepted, but not significant (p 0.0882, 0.05 needed)',
    )
  })

  it('an excess that is none is breached', () => {
    // 40/1000 against 10/1000: the same three points, t = 4.3145 (scipy)
    const verdict = decide(errorRate(), { requests: 1000, errors: 10 }, { requests: 1000, errors: 40 }, { test })
    expect(verdict).toMatchObject({ kind: 'fail', checks: [{ outcome: 'breached', rule: 'margin' }] })
  })

  it('a canary that always fails against a baseline that never does is breached', () => {
    expect(decide(errorRate(), { requests: 900 }, { requests: 100, errors: 100 }, { test }).kind).toBe('fail')
  })

  it('one baseline request is too few to test against', () => {
    const [check] = decide(errorRate(), { requests: 1 }, { requests: 100, errors: 9 }, { test }).checks
    expect(check).toMatchObject({ outcome: 'undecided', rule: 'significance' })
    expect(check?.reason).toMatch(/, but too few values for the welch test$/)
  })

  it('is significant and within the margin: held', () => {
    const slower = decide(latency(), { requests: 900, latencyMs: 100 }, { requests: 900, latencyMs: 120 }, { test })
    expect(slower.kind).toBe('pass')
  })

  it('a fall that must not be is tested as a fall', () => {
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.05 })
    const of = (hits: number) => ({ metrics: { conversion: constants([1000 - hits, 0], [hits, 1]) } })
    expect(decide(conversion, of(500), of(300), { test }).kind).toBe('fail')
  })

  it('the worst of several comparisons must stand out among all of them', () => {
    // 63 of 100 against 50 of 100: p = 0.0321 one-sided (scipy), which both directions make 0.0642
    const of = (hits: number) => constants([100 - hits, -1], [hits, 1])
    const score = decide(scoreShift({ margin: 0.1 }), { score: of(50) }, { score: of(63) }, { test }).checks[0]
    expect(score).toMatchObject({ outcome: 'undecided', rule: 'significance' })
    expect(score?.reason).toMatch(/\(p 0\.0642, 0\.05 needed\)$/)
    const rising = metric('m', { direction: 'must-not-rise', margin: 0.1 })
    expect(decide(rising, { metrics: { m: of(50) } }, { metrics: { m: of(63) } }, { test }).kind).toBe('fail')
  })

  it('leaves limits and tails to their thresholds', () => {
    expect(
      decide(errorRate({ limit: 0.03 }), { requests: 100, errors: 1 }, { requests: 100, errors: 4 }, { test }).kind,
    ).toBe('fail')
    expect(decide(tailLatency(), { requests: 100 }, { requests: 100, latencyMs: 300 }, { test }).kind).toBe('fail')
  })
})

describe('evidence', () => {
  const judge = thresholdJudge()
  const at = context([errorRate(), tailLatency()])
  const block = (baseline: Summary, canary: Summary) => ({ baseline, canary, elapsedMs: 1_000 })

  it('adds up the blocks of a step', () => {
    const one = judge.observe(
      judge.open(undefined, at),
      block(arm({ requests: 40 }), arm({ requests: 50, errors: 1 })),
      at,
    )
    const two = judge.observe(one, block(arm({ requests: 60 }), arm({ requests: 50, errors: 2 })), at)
    expect(two.canary.outcomes).toEqual({ success: 97, error: 3, timeout: 0, aborted: 0 })
    expect(two.baseline.outcomes.success).toBe(100)
  })

  it('takes the newest picture of what is pending', () => {
    const hanging = block(arm({}), arm({ pending: [5, 3_000] }))
    const older = judge.observe(judge.open(undefined, at), hanging, at)
    const same = judge.observe(older, block(arm({}), arm({ pending: [5, 4_000] })), at)
    expect(same.canary.pendingBins).toEqual(arm({ pending: [5, 4_000] }).pendingBins)
    expect(judge.observe(same, block(arm({}), arm({})), at).canary.pendingBins).toEqual([])
  })

  it('never crosses a step: the counts begin at zero', () => {
    const full = { baseline: arm({ requests: 1000 }), canary: arm({ requests: 1000 }) }
    expect(judge.decide(full, at, 0).kind).toBe('pass')
    expect(judge.decide(judge.open(full, at), at, 0).kind).toBe('inconclusive')
  })
})

describe('options', () => {
  it('name the judge by its test', () => {
    expect(thresholdJudge().name).toBe('threshold')
    expect(thresholdJudge({ test: welchTest() }).name).toBe('threshold(welch)')
  })

  it.each([0, -1, 1.5, Number.NaN, '100'])('refuse %s for minSamples', (minSamples) => {
    expect(() => thresholdJudge({ minSamples: minSamples as number })).toThrow('[INVALID_OPTION]')
  })

  it('refuse a test that is none, and names nobody knows', () => {
    expect(() => thresholdJudge({ test: welchTest as never })).toThrow('[INVALID_OPTION]')
    expect(() => thresholdJudge({ test: null as never })).toThrow('[INVALID_OPTION]')
    expect(() => thresholdJudge({ minSample: 10 } as object)).toThrow('[UNKNOWN_OPTION]')
  })
})

describe('properties', () => {
  const story = fc
    .record({ requests: fc.integer({ min: 0, max: 400 }), bad: fc.double({ min: 0, max: 0.2, noNaN: true }) })
    .chain(({ requests, bad }) =>
      fc.record({
        requests: fc.constant(requests),
        errors: fc.constant(Math.floor(requests * bad)),
        aborted: fc.nat(20),
        latencyMs: fc.integer({ min: 1, max: 300 }),
        predictions: fc.record({ yes: fc.nat(requests), no: fc.nat(requests) }),
      }),
    )
  const severity = fc.constantFrom('rollback' as const, 'hold' as const)
  const guardrail: fc.Arbitrary<Guardrail> = fc.oneof(
    severity.map((one) => errorRate({ severity: one })),
    severity.map((one) => latency({ severity: one, limitMs: 250 })),
    severity.map((one) => tailLatency({ severity: one })),
    severity.map((one) => predictionShift({ severity: one })),
  )
  const guardrails = fc.uniqueArray(guardrail, { selector: ({ name }) => name, minLength: 1 })
  const phase = fc.constantFrom('step' as const, 'warm-up' as const, 'bake' as const)
  const test = fc.constantFrom(undefined, welchTest())

  it('the same evidence gives the same verdict, also after a trip through JSON', () => {
    fc.assert(
      fc.property(guardrails, story, story, phase, test, (list, baseline, canary, phase, test) => {
        const judge = thresholdJudge({ test })
        const arms = { baseline: arm(baseline), canary: arm(canary) }
        const at = context(list, { phase })
        const verdict = judge.decide(arms, at, 0)
        expect(judge.decide(arms, at, 0)).toEqual(verdict)
        expect(judge.decide(JSON.parse(JSON.stringify(arms)), JSON.parse(JSON.stringify(at)), 0)).toEqual(verdict)
        expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict)
      }),
    )
  })

  it('swapping a breach in always fails', () => {
    fc.assert(
      fc.property(guardrails, story, story, phase, severity, (list, baseline, canary, phase, severity) => {
        const broken = { ...canary, requests: 400, errors: 400 }
        const strict = errorRate({ name: 'strict', limit: 0.9, severity })
        expect(decide([...list, strict], baseline, broken, { rest: { phase } }).kind).toBe('fail')
      }),
    )
  })

  it('without data of the canary there is never a pass, nor a fail', () => {
    fc.assert(
      fc.property(guardrails, story, phase, fc.integer({ min: 1, max: 500 }), (list, baseline, phase, minSamples) => {
        expect(decide(list, baseline, {}, { minSamples, rest: { phase } }).kind).toBe('inconclusive')
      }),
    )
  })

  it('without data of the baseline there is never a pass before the bake', () => {
    fc.assert(
      fc.property(guardrails, story, (list, canary) => {
        expect(decide(list, {}, canary).kind).not.toBe('pass')
      }),
    )
  })

  it('one more guardrail that is only observed never changes the verdict', () => {
    fc.assert(
      fc.property(guardrails, story, story, guardrail, (list, baseline, canary, more) => {
        const observed = { ...more, name: 'more', severity: 'observe' as const }
        const { checks: _before, ...before } = decide(list, baseline, canary)
        const { checks: _after, ...after } = decide([...list, observed], baseline, canary)
        expect(after).toEqual(before)
      }),
    )
  })
})
