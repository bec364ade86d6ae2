import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { unansweredRate } from '../guardrails/kinds/unanswered-rate.js'
import { type AnswerCounts, noAnswers } from '../summaries/answer-counts.js'
import { createBakeWatch } from './bake-watch.js'

const counts = (decided: number, unanswered = 0): AnswerCounts => ({ ...noAnswers, decided, unanswered })

/** A watch that looks every second at so many requests a second, of which a share is unanswered. */
const baked = (share: number, options: { perSecond?: number; seconds?: number; before?: AnswerCounts } = {}) => {
  const { perSecond = 50, seconds = 120, before = counts(10_000) } = options
  const watch = createBakeWatch([unansweredRate()])!
  watch.open(before, 0)
  for (let second = 1; second <= seconds; second++) {
    const decided = second * perSecond
    const why = watch.record(counts(decided, Math.round(decided * share)), second * 1_000)
    if (why !== undefined) return { second, why }
  }
  return undefined
}

describe('a watch over baking', () => {
  it('exists only for guardrails on unanswered requests that roll back', () => {
    expect(createBakeWatch([errorRate()])).toBeUndefined()
    expect(
      createBakeWatch([unansweredRate({ severity: 'observe' }), unansweredRate({ severity: 'hold' })]),
    ).toBeUndefined()
    expect(createBakeWatch([unansweredRate()])).toBeDefined()
  })

  it('rolls back after two windows of 15 s, and states the counts', () => {
    expect(baked(1)).toEqual({
      second: 30,
      why: '750 of the last 750 requests brought their callers nothing; before, 0.010 % did',
    })
    expect(baked(0.2)?.second).toBe(30)
  })

  it('waits for 50 decided requests: windows are longer if there are few', () => {
    expect(baked(1, { perSecond: 1, seconds: 99 })).toBeUndefined()
    expect(baked(1, { perSecond: 1 })?.second).toBe(100)
    const watch = createBakeWatch([unansweredRate()])!
    watch.open(counts(10_000), 0)
    for (const seconds of [15, 30, 45, 600]) expect(watch.record(counts(49, 49), seconds * 1_000)).toBeUndefined()
  })

  it('tolerates the baseline’s rate, the margin and six standard deviations', () => {
    // b = 100 / 10,000; one window has 750: 0.01 + 0.02 + 6·√(0.0099 / 750) = 0.0518
    const before = counts(9_998, 99)
    expect(baked(0.01, { before })).toBeUndefined()
    expect(baked(0.0507, { before, seconds: 600 })).toBeUndefined()
    expect(baked(0.053, { before })?.second).toBe(30)
  })

  it('does not roll back for one window, or for two that are not in a row', () => {
    const watch = createBakeWatch([unansweredRate()])!
    watch.open(counts(10_000), 0)
    let [decided, unanswered] = [0, 0]
    for (let window = 1; window <= 20; window++) {
      decided += 750
      unanswered += window % 2 === 0 ? 375 : 0
      expect(watch.record(counts(decided, unanswered), window * 15_000)).toBeUndefined()
    }
    expect(watch.record(counts(decided + 750, unanswered + 375), 21 * 15_000)).toMatch(/^375 of the last 750 requests/)
  })

  it('uses the smallest of several margins', () => {
    const watch = createBakeWatch([unansweredRate({ name: 'wide', margin: 0.5 }), unansweredRate({ margin: 0.02 })])!
    watch.open(counts(10_000), 0)
    watch.record(counts(750, 150), 15_000)
    expect(watch.record(counts(1_500, 300), 30_000)).toBeDefined()
  })

  it('starts again each time it is opened', () => {
    const watch = createBakeWatch([unansweredRate()])!
    watch.open(counts(10_000), 0)
    watch.record(counts(750, 750), 15_000)
    watch.open(counts(10_000), 20_000)
    expect(watch.record(counts(750, 750), 35_000)).toBeUndefined()
    expect(watch.record(counts(1_500, 1_500), 50_000)).toBeDefined()
  })

  it('uses the rate before the rollout if this process has seen too few requests since', () => {
    const acts = (own: AnswerCounts, answeredBefore?: AnswerCounts) => {
      const watch = createBakeWatch([unansweredRate()])!
      watch.open(own, 0, answeredBefore)
      watch.record(counts(750, 150), 15_000)
      return watch.record(counts(1_500, 300), 30_000) !== undefined
    }
    expect(acts(counts(0), counts(10_000, 100))).toBe(true)
    expect(acts(counts(49, 49), counts(10_000, 100))).toBe(true)
    expect(acts(counts(0), counts(10_000, 2_000))).toBe(false)
    expect(acts(counts(50, 10), counts(10_000, 0))).toBe(false)
    expect(acts(counts(0))).toBe(false) // a rate of which nothing is known may be this high
  })

  it('never rolls back a canary that is within the margin of the baseline', () => {
    const answeredBefore = fc
      .integer({ min: 2_000, max: 50_000 })
      .chain((decided) =>
        fc.record({ decided: fc.constant(decided), unanswered: fc.integer({ min: 0, max: decided }) }),
      )
    fc.assert(
      fc.property(answeredBefore, fc.integer({ min: 50, max: 100 }), ({ decided, unanswered }, perSecond) => {
        expect(baked(unanswered / decided, { before: counts(decided, unanswered), perSecond })).toBeUndefined()
      }),
    )
  })
})
