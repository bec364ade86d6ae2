import type { Check } from '@model-canary/core/judge'
import { describe, expect, it } from 'vitest'
import { groupsOf } from '../../page/model/decision-groups.js'
import { joined, withNewestPage } from '../../page/model/decision-pages.js'
import { barOf, metersOf } from '../../page/model/guardrail-bars.js'
import { planStepsOf } from '../../page/model/plan-steps.js'
import { seriesOf } from '../../page/model/points.js'
import { classSharesOf } from '../../page/model/predictions.js'
import { readDecisions, readPoints, readRights, readStatus } from '../../page/model/records.js'
import { bodyOf, offeredVerbs } from '../../page/model/verbs.js'
import { differenceOf, durationOf, figureOf, timeOf } from '../../page/model/words.js'
import { decisionAt, statusWith } from './status.fixture.js'

describe('the plan', () => {
  const decisions = [decisionAt(10, 0), decisionAt(40, 1), decisionAt(55, 1), decisionAt(100, 2)]

  it('has the times of what was, what is and what is planned', () => {
    const steps = planStepsOf(statusWith(), decisions, 160_000)
    expect(steps).toEqual([
      { step: 0, weight: null, phase: 'past', beganAt: 10_000, durationMs: 30_000 },
      { step: 1, weight: 10, phase: 'past', beganAt: 40_000, durationMs: 60_000 },
      { step: 2, weight: 25, phase: 'present', beganAt: 100_000, durationMs: 60_000 },
      { step: 3, weight: 100, phase: 'planned', beganAt: null, durationMs: 60_000 },
    ])
  })

  it('ends where the rollout was rolled back', () => {
    const end = decisionAt(130, 2, { now: { state: 'rolled-back', step: 2, weight: 0 } })
    const lastDecision = { ...end, verdict: null }
    const phases = planStepsOf(statusWith({ state: 'rolled-back', lastDecision }), [end, ...decisions], 999_000)
    expect(phases.map(({ phase }) => phase)).toEqual(['past', 'past', 'failed', 'left out'])
    expect(phases[2]?.durationMs).toBe(30_000)
  })

  it('is of the present epoch', () => {
    const [first] = planStepsOf(statusWith({ epoch: 2 }), [...decisions, decisionAt(300, 0, { epoch: 2 })], 400_000)
    expect(first?.beganAt).toBe(300_000)
  })
})

describe('a guardrail', () => {
  const check = (changed: object) =>
    ({
      margin: 0.02,
      difference: 0.02,
      evidence: { tolerable: 0.01, interval: { low: -1, high: 0.06 } },
      ...changed,
    }) as Check

  it('has its places between one margin better and two margins worse', () => {
    expect(barOf(check({}))).toEqual({
      zero: 1 / 3,
      tolerable: 0.5,
      margin: 2 / 3,
      difference: 2 / 3,
      interval: [0, 1],
    })
    expect(barOf(check({ difference: null, evidence: undefined }))).toMatchObject({ difference: null, interval: null })
    expect(barOf(check({ margin: 0 }))).toBeNull()
    expect(barOf(check({ evidence: { tolerable: 0, interval: { low: null, high: null } } }))?.interval).toEqual([0, 1])
  })

  it('has evidence that grows by its logarithm, and `null` for what JSON cannot write', () => {
    const meters = (harm: number | null, safety: number | null) =>
      metersOf(check({ evidence: { harm: { now: harm, needed: 20 }, safety: { now: safety, needed: 100 } } }))
    expect(meters(1, 10)).toEqual({ rollback: 0, promotion: 0.5 })
    expect(meters(0.2, 1_000)).toEqual({ rollback: 0, promotion: 1 })
    expect(meters(null, 1)).toEqual({ rollback: 1, promotion: 0 })
    expect(metersOf(check({ evidence: undefined }))).toBeNull()
  })
})

describe('decisions', () => {
  it('of the same words in a row are one group, but for what was done', () => {
    const hold = (second: number, changed: object = {}) =>
      decisionAt(second, 1, { action: 'hold', reason: 'waiting', step: 1, ...changed })
    const groups = groupsOf([
      hold(9),
      hold(8),
      decisionAt(7, 1, { action: 'pause' }),
      decisionAt(6, 1, { action: 'pause' }),
      hold(5),
      hold(4, { step: 2 }),
      hold(3, { reason: 'x' }),
    ])
    expect(groups.map((group) => group.length)).toEqual([2, 1, 1, 1, 1, 1])
  })
})

describe('decisions that wait for the same', () => {
  it('are one group although their figures differ', () => {
    const hold = (second: number, reason: string) => decisionAt(second, 1, { action: 'hold', reason })
    const groups = groupsOf([
      hold(5, 'waiting for evidence: tailLatency, 0.5 % of 7'),
      hold(4, 'waiting for evidence: latency, 3 ms of 9'),
      hold(3, 'waiting for 20 windows of 15 s of the baseline, to know its noise; 18 so far'),
      hold(2, 'waiting for 20 windows of 15 s of the baseline, to know its noise; 17 so far'),
      hold(1, 'waiting for time'),
    ])
    expect(groups.map(([{ sequence }, ...others]) => [sequence, others.length])).toEqual([
      [5, 1],
      [3, 1],
      [1, 0],
    ])
  })
})

describe('pages of decisions', () => {
  const of = (...sequences: readonly number[]) => sequences.map((sequence) => decisionAt(sequence, 1))
  const numbers = (decisions: ReturnType<typeof joined>) => decisions.map(({ sequence }) => sequence)

  it.each([
    [of(), of(3, 2, 1), [3, 2, 1]],
    [of(5), of(4, 3), [5, 4, 3]], // one that came while the page was on its way
    [of(4, 3, 2, 1), of(6, 5, 4, 3), [6, 5, 4, 3, 2, 1]],
    [of(2, 1), of(9, 8), [9, 8]], // there may be others between them
    [of(2, 1), of(), [2, 1]],
  ])('join', (known, page, expected) => {
    expect(numbers(withNewestPage(known, page))).toEqual(expected)
  })

  it('have each decision once', () => {
    expect(numbers(joined(of(3, 2), of(2, 1)))).toEqual([3, 2, 1])
  })
})

describe('points', () => {
  const figures = { requests: 200, errors: 3, timeouts: 1, unanswered: 5, p50Ms: 10, p95Ms: 20, p99Ms: null }
  const none = { requests: 0, errors: 0, timeouts: 0, unanswered: 0, p50Ms: null, p95Ms: null, p99Ms: null }
  const point = (minute: number, changed: object = {}) =>
    readPoints([
      {
        from: minute * 60_000,
        to: (minute + 1) * 60_000,
        epoch: 1,
        versions: { baseline: 'v1', canary: 'v2' },
        baseline: figures,
        canary: none,
        ...changed,
      },
    ])[0]!
  const charts = (points: Parameters<typeof seriesOf>[0], range: 'hour' | 'day' | 'rollout') =>
    seriesOf(points, range, statusWith(), 100 * 60_000)

  it('become shares of the requests, and no value where there was none', () => {
    const [errors, unanswered, p50, , p99] = charts([point(99)], 'hour')
    expect(errors?.data).toEqual([[99.5 * 60], [2], [null]])
    expect(unanswered?.data[1]).toEqual([2.5])
    expect(p50?.data[1]).toEqual([10])
    expect(p99?.data[1]).toEqual([null])
  })

  it('are those of the span, of these versions, and long enough for a rate', () => {
    const points = [
      point(10),
      point(60),
      point(99, { versions: { baseline: 'v0', canary: 'v1' } }),
      point(99, { to: 99 * 60_000 + 5_000 }),
      point(99),
    ]
    const times = (range: 'hour' | 'day' | 'rollout') => charts(points, range)[0]?.data[0]
    expect(times('hour')).toEqual([60.5 * 60, 99.5 * 60])
    expect(times('day')).toEqual([10.5 * 60, 60.5 * 60, 99.5 * 60])
    expect(charts([point(10, { epoch: 2 }), point(60)], 'rollout')[0]?.data[0]).toEqual([60.5 * 60])
  })
})

describe('predictions', () => {
  it('are those of both versions, most frequent first, the rest as one', () => {
    const shares = (predictionDistribution: Record<string, number>) => ({ predictionDistribution })
    expect(classSharesOf(shares({ a: 0.3, b: 0.7 }), shares({ c: 1 }))).toEqual([
      { label: 'c', baseline: 0, canary: 1 },
      { label: 'b', baseline: 0.7, canary: 0 },
      { label: 'a', baseline: 0.3, canary: 0 },
    ])
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`class ${at}`, 0.05]))
    const classes = classSharesOf(shares(many), undefined)
    expect(classes).toHaveLength(12)
    expect(classes.at(-1)?.label).toBe('9 others')
    expect(classes.reduce((sum, { baseline }) => sum + baseline, 0)).toBeCloseTo(1)
  })
})

describe('verbs', () => {
  it.each([
    [{}, ['promote', 'pause', 'rollback', 'disable']],
    [{ state: 'paused' }, ['promote', 'resume', 'rollback', 'disable']],
    [{ state: 'promoted' }, ['rollback', 'retry', 'disable']],
    [{ state: 'rolled-back' }, ['retry', 'disable']],
    [{ state: 'idle' }, []],
    [{ enabled: false }, ['pause', 'rollback', 'enable']],
  ] as const)('are those that make sense: %o', (changed, verbs) => {
    expect(offeredVerbs(statusWith(changed)).map(({ verb }) => verb)).toEqual(verbs)
  })

  it('name the step, and send what was seen only where it counts', () => {
    const [promote] = offeredVerbs(statusWith())
    expect(promote).toMatchObject({
      label: 'Promote to 100 %',
      question: 'Promote v2 from step 2 of 3 (25 %) to step 3 (100 %)?',
    })
    const asked = { reason: ' ok ', isFull: true, untilMs: 5 }
    expect(bodyOf('promote', statusWith(), asked)).toEqual({
      reason: 'ok',
      expectedStep: { step: 2, epoch: 1 },
      full: true,
    })
    expect(bodyOf('rollback', statusWith(), asked)).toEqual({ reason: 'ok' })
    expect(bodyOf('pause', statusWith(), { ...asked, reason: '' })).toEqual({ untilMs: 5 })
  })
})

describe('words', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [3_599_700, '1 h'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('for %d ms', (ms, words) => expect(durationOf(ms)).toBe(words))

  it('name the time zone, and the day if it is another', () => {
    const noon = Date.UTC(2026, 10, 29, 12)
    expect(timeOf(noon, noon + 1, 'UTC')).toBe('12:00:00 UTC')
    expect(timeOf(noon - 86_400_000, noon, 'UTC')).toMatch(/^Nov 28, 12:00:00 UTC$/)
  })

  it('have the unit of the figure', () => {
    expect([
      figureOf('share', 0.0123),
      figureOf('ms', 180.4),
      figureOf('plain', 0.5),
      figureOf(undefined, null),
    ]).toEqual(['1.23 %', '180 ms', '0.5', '–'])
    expect([differenceOf('share', 0.02), differenceOf('ms', -3)]).toEqual(['+2 points', '-3 ms'])
  })
})

describe('answers of another version of the library', () => {
  it.each([undefined, null, 7, 'x', [], {}, { status: 1 }])('are read as if %o were empty', (value) => {
    expect(readStatus(value)).toMatchObject({ state: 'idle', checks: [], versions: { baseline: 'baseline' } })
    expect(readRights(value)).toMatchObject({ hasVerbs: false, actions: {} })
    expect(readDecisions(value)).toEqual([])
    expect(readPoints(value)).toEqual([])
  })

  it('keep what is known, and are completed where a member is missing or of another kind', () => {
    expect(
      readStatus({ weight: '25', step: 3, checks: {}, errors: { canary: [1] }, heldBy: null, later: 1 }),
    ).toMatchObject({
      ...{ weight: 0, step: 3, checks: [], heldBy: null, later: 1 },
      errors: { baseline: [], canary: [1] },
    })
  })
})
