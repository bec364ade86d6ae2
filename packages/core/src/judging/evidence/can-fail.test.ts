import { describe, expect, it } from 'vitest'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { evidenceJudge } from '../evidence-judge.js'
import { canFail, hasFallenSilent } from './can-fail.js'
import { blockOf, contextOf, historyOf, stateOf, yes } from './evidence.fixture.js'

const [errors] = hypothesesOf(errorRate({ margin: 0.02 }), {})
const [cats] = hypothesesOf(predictionShift({ margin: 0.1 }), {
  labels: ['cat', 'dog', 'cow'],
  shares: [0.4, 0.3, 0.3],
})
const [mean] = hypothesesOf(latency({ marginMs: 50 }), { capMs: 600 })

describe('a comparison cannot fail', () => {
  it('by a rise where the baseline is within the margin of 1', () => {
    const of = (hits: number) => canFail(errors!, 'rise', stateOf(errors!, { memory: yes(hits, 4_000) }))
    expect(of(40)).toBe(true)
    expect(of(3_900)).toBe(true)
    expect(of(3_980)).toBe(false)
  })

  it('by a fall where the baseline is within the margin of 0', () => {
    const of = (hits: number, side: 'rise' | 'fall') =>
      canFail(cats!, side, stateOf(cats!, { memory: yes(hits, 4_000) }))
    expect([of(200, 'rise'), of(200, 'fall')]).toEqual([true, false])
    expect([of(2_000, 'rise'), of(2_000, 'fall')]).toEqual([true, true])
    expect([of(3_900, 'rise'), of(3_900, 'fall')]).toEqual([false, true])
  })

  it('but a share of at most a half counts as if it could rise by any margin', () => {
    const rise = (margin: number, hits: number) => {
      const [wide] = hypothesesOf(errorRate({ margin }), {})
      return canFail(wide!, 'rise', stateOf(wide!, { memory: yes(hits, 4_000) }))
    }
    expect([rise(1, 0), rise(1, 40), rise(0.75, 1_200)]).toEqual([true, true, true])
    expect([rise(1, 4_000), rise(0.75, 2_400)]).toEqual([false, false])
    for (const hits of [1_200, 2_800]) {
      const [wide] = hypothesesOf(predictionShift({ margin: 0.8 }), {
        labels: ['cat', 'dog', 'cow'],
        shares: [0.4, 0.3, 0.3],
      })
      const of = (side: 'rise' | 'fall') => canFail(wide!, side, stateOf(wide!, { memory: yes(hits, 4_000) }))
      expect([of('rise'), of('fall')]).toEqual(hits < 2_000 ? [true, false] : [false, true])
    }
  })

  it('of a mean latency that is capped within the margin, as both would be', () => {
    const of = (ms: number) => {
      const baseline = { count: 100, sum: 100 * ms, sumOfSquares: 100 * ms * ms }
      return canFail(mean!, 'rise', stateOf(mean!, { scatter: { baseline, canary: yes(0, 0) } }))
    }
    expect(of(120)).toBe(true)
    expect(of(549)).toBe(true)
    expect(of(550)).toBe(false)
  })

  it('of a metric that must not fall and was 0 throughout', () => {
    const [tokens] = hypothesesOf(metric('tokens', { direction: 'must-not-fall', margin: 5 }), {})
    const of = (sum: number) =>
      canFail(tokens!, 'fall', stateOf(tokens!, { scatter: { baseline: yes(sum, 100), canary: yes(0, 0) } }))
    expect(of(0)).toBe(false)
    expect(of(1)).toBe(true)
    const [cost] = hypothesesOf(metric('cost', { direction: 'must-not-rise', margin: 5 }), {})
    expect(canFail(cost!, 'rise', stateOf(cost!, { scatter: { baseline: yes(0, 100), canary: yes(0, 0) } }))).toBe(true)
  })

  it('before anything is known, it can', () => {
    expect(canFail(mean!, 'rise', stateOf(mean!))).toBe(true)
    expect(canFail(errors!, 'rise', stateOf(errors!))).toBe(true)
  })
})

describe('a metric that must not fall is silent', () => {
  const [tokens] = hypothesesOf(metric('tokens', { direction: 'must-not-fall', margin: 0.05 }), {})
  const of = (zeros: number, converted: number) =>
    hasFallenSilent(tokens!, 'fall', yes(0, zeros), { scatter: { baseline: yes(converted, 1_000), canary: yes(0, 0) } })

  it('if a block of the baseline is 0 throughout although other values were to be expected', () => {
    expect(of(90, 200)).toBe(true)
    expect(of(10, 80)).toBe(false) // 0.8 of ten were expected
    expect(
      hasFallenSilent(tokens!, 'fall', yes(1, 90), { scatter: { baseline: yes(200, 1_000), canary: yes(0, 0) } }),
    ).toBe(false)
  })

  it('also if its mean has sunk below the margin meanwhile', () => {
    expect(of(10, 40)).toBe(true)
    expect(of(10, 0)).toBe(false) // it was never anything else: nothing can fail there
  })

  it('never for shares, or for a metric that must not rise', () => {
    expect(
      hasFallenSilent(tokens!, 'rise', yes(0, 90), { scatter: { baseline: yes(200, 1_000), canary: yes(0, 0) } }),
    ).toBe(false)
    expect(
      hasFallenSilent(errors!, 'rise', yes(0, 90), { scatter: { baseline: yes(200, 1_000), canary: yes(0, 0) } }),
    ).toBe(false)
  })
})

it('a canary is not promoted on a metric that falls to 0 in both versions', () => {
  const guardrails = [metric('conversion', { direction: 'must-not-fall', margin: 0.05 })]
  const judge = evidenceJudge()
  const story = (requests: number, rate: number) => ({
    requests,
    metrics: { conversion: { count: requests, sum: rate * requests, sumOfSquares: rate * requests } },
  })
  const context = contextOf(guardrails, { calibration: { baselineHistory: historyOf(guardrails) } })
  const verdictAfter = (rate: number) => {
    let evidence = judge.open(undefined, context)
    for (let block = 0; block < 200; block += 1) {
      evidence = judge.update(evidence, blockOf(story(900, rate), story(100, rate)), context)
    }
    return judge.decide(evidence, context, 3_000_000).kind
  }
  expect(verdictAfter(0.2)).toBe('pass')
  expect(verdictAfter(0)).toBe('inconclusive')
})
