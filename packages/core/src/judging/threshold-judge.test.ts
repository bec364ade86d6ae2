import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ArmStory, arm } from '../guardrails/arm.fixture.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { predictionShift } from '../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../guardrails/kinds/tail-latency.js'
import { welchTest } from '../statistics/welch-test.js'
import type { Summary } from '../summaries/summary.js'
import type { Judge, StepContext } from './judge.js'
import { type ThresholdEvidence, type ThresholdJudgeOptions, thresholdJudge } from './threshold-judge.js'

const context = (guardrails: readonly Guardrail[], rest: Partial<StepContext> = {}): StepContext => ({
  guardrails,
  epoch: 1,
  step: 2,
  stepsLeft: 3,
  weight: 25,
  phase: 'step',
  calibration: {},
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

  it('has the epoch and step that were judged', () => {
    expect(decide(errorRate(), good, good)).toMatchObject({ epoch: 1, step: 2 })
  })
})

describe('a phase', () => {
  const cold = { requests: 100, latencyMs: 900 }
  const warm = { requests: 900, latencyMs: 100 }
  const rest = { phase: 'warm-up' } as const

  it('of warming up judges errors and not latency, not even by a limit', () => {
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
  it('waits if an excess may be chance, and fails if it is significant', () => {
    const test = welchTest()
    expect(decide(errorRate(), { requests: 100, errors: 1 }, { requests: 100, errors: 4 }, { test }).kind).toBe(
      'inconclusive',
    )
    expect(decide(errorRate(), { requests: 1000, errors: 10 }, { requests: 1000, errors: 40 }, { test }).kind).toBe(
      'fail',
    )
  })
})

describe('evidence', () => {
  const judge = thresholdJudge() as Judge<ThresholdEvidence>
  const at = context([errorRate(), tailLatency()])
  const block = (baseline: Summary, canary: Summary) => ({ baseline, canary, elapsedMs: 1_000 })

  it('adds up the blocks of a step', () => {
    const one = judge.update(
      judge.open(undefined, at),
      block(arm({ requests: 40 }), arm({ requests: 50, errors: 1 })),
      at,
    )
    const two = judge.update(one, block(arm({ requests: 60 }), arm({ requests: 50, errors: 2 })), at)
    expect(two.canary.outcomes).toEqual({ success: 97, error: 3, timeout: 0, aborted: 0, rejected: 0, ignored: 0 })
    expect(two.baseline.outcomes.success).toBe(100)
  })

  it('uses the newest snapshot of pending flights', () => {
    const hanging = block(arm({}), arm({ pending: [5, 3_000] }))
    const older = judge.update(judge.open(undefined, at), hanging, at)
    const same = judge.update(older, block(arm({}), arm({ pending: [5, 4_000] })), at)
    expect(same.canary.pendingBins).toEqual(arm({ pending: [5, 4_000] }).pendingBins)
    expect(judge.update(same, block(arm({}), arm({})), at).canary.pendingBins).toEqual([])
  })

  it('starts at zero in each step', () => {
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

  it('refuse an invalid test, and unknown names', () => {
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

  it('a breach that is swapped in always fails', () => {
    fc.assert(
      fc.property(guardrails, story, story, phase, severity, (list, baseline, canary, phase, severity) => {
        const broken = { ...canary, requests: 400, errors: 400 }
        const strict = errorRate({ name: 'strict', limit: 0.9, severity })
        expect(decide([...list, strict], baseline, broken, { rest: { phase } }).kind).toBe('fail')
      }),
    )
  })

  it('without data of the canary there is neither a pass nor a fail', () => {
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
