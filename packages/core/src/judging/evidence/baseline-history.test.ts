import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { noSpread } from '../../statistics/dispersion.js'
import {
  type BaselineHistory,
  countWindow,
  historySummaryOf,
  isBaselineHistory,
  learnWindow,
  noHistory,
  spreadOf,
  windowCountOf,
  withoutNoise,
} from './baseline-history.js'
import { binomial, historyOf, ordinary } from './evidence.fixture.js'

const guardrails = [errorRate(), tailLatency(), predictionShift()]
const [errors] = hypothesesOf(guardrails[0]!, {})

/** Windows of 200 requests, of which as many fail as there were windows before. */
const rising = (windows: number): BaselineHistory =>
  historyOf([errorRate()], windows, (errors) => ({ requests: 200, errors }))

describe('the baseline’s history', () => {
  it('is empty at first', () => {
    expect(windowCountOf(noHistory())).toBe(0)
    expect(historySummaryOf(noHistory())).toEqual(arm({}))
    expect(spreadOf(noHistory(), errors!)).toEqual(noSpread)
  })

  it('is the sum of all windows, and how each differs from the one before', () => {
    const baselineHistory = rising(4)
    expect(windowCountOf(baselineHistory)).toBe(4)
    expect(historySummaryOf(baselineHistory).outcomes).toMatchObject({ success: 800 - 6, error: 6 })
    // three pairs of (1/200)² / (2/200)
    expect(spreadOf(baselineHistory, errors!)).toMatchObject({ sum: expect.closeTo(3 * 0.0025, 12), pairs: 3 })
  })

  it('leaves out windows in which nothing ended, hung flights or not', () => {
    const baselineHistory = rising(4)
    expect(learnWindow(baselineHistory, arm({}), [errorRate()])).toBe(baselineHistory)
    expect(learnWindow(baselineHistory, arm({ pending: [50, 9_000] }), [errorRate()])).toBe(baselineHistory)
    expect(countWindow(baselineHistory, arm({}))).toBe(baselineHistory)
    const after = learnWindow(baselineHistory, arm({ requests: 200, errors: 4 }), [errorRate()])
    expect(spreadOf(after, errors!).pairs).toBe(4)
  })

  it('learns noise with the present thresholds of each guardrail', () => {
    const tail = tailLatency()
    const baselineHistory = historyOf([tail], 20, (window) => ({ requests: 100, slow: [window % 2, 900] }))
    const [hypothesis] = hypothesesOf(tail, thresholdsOf(tail, historySummaryOf(baselineHistory)))
    expect(spreadOf(baselineHistory, hypothesis!)).toMatchObject({ sum: expect.closeTo(19 * 0.005, 12), pairs: 19 })
  })

  it('counts the windows of a rollout without learning noise from them', () => {
    const after = countWindow(rising(4), arm({ requests: 200, errors: 100 }))
    expect(windowCountOf(after)).toBe(5)
    expect(historySummaryOf(after).outcomes.error).toBe(106)
    expect(spreadOf(after, errors!)).toEqual(spreadOf(rising(4), errors!))
  })

  it('can be had without its noise', () => {
    const bare = withoutNoise(rising(100))
    expect(spreadOf(bare, errors!)).toEqual(noSpread)
    expect(historySummaryOf(bare)).toEqual(historySummaryOf(rising(100)))
    expect(windowCountOf(bare)).toBe(100)
  })
})

describe('the end of a history', () => {
  it('is a whole generation of 80 windows at a time, so that 80 to 160 are remembered', () => {
    expect([79, 80, 81, 160, 161, 240, 241].map((windows) => windowCountOf(rising(windows)))).toEqual([
      79, 80, 81, 160, 81, 160, 81,
    ])
  })

  it('leaves no trace in the total, and no pair is lost where a generation begins', () => {
    const baselineHistory = rising(161)
    expect(historySummaryOf(baselineHistory).outcomes.error).toBe(((80 + 160) * 81) / 2)
    expect(spreadOf(baselineHistory, errors!).pairs).toBe(81)
    expect(spreadOf(rising(160), errors!).pairs).toBe(159)
  })

  it('has bounded size: 10,000 windows take no more than 160', () => {
    const random = seededRandom(5)
    const sizes: number[] = []
    let baselineHistory = noHistory()
    for (let window = 1; window <= 10_000; window += 1) {
      const requests = 900 + binomial(random, 200, 0.5)
      const cat = binomial(random, requests, 0.6)
      const predictions = { cat, dog: requests - cat }
      const errors = binomial(random, requests, 0.01)
      const story = { requests, errors, latencyMs: 100 + Math.floor(8 * random()), predictions }
      baselineHistory = learnWindow(baselineHistory, arm(story), guardrails)
      if (window % 80 === 0) sizes.push(JSON.stringify(baselineHistory).length) // when both generations are full
    }
    const [, , ...later] = sizes
    expect(Math.max(...later)).toBeLessThan(1.05 * sizes[1]!)
    expect(Math.max(...later)).toBeLessThan(8_000)
  }, 60_000)
})

describe('as JSON', () => {
  it('is the same history', () => {
    const baselineHistory = historyOf(guardrails, 100)
    const back: unknown = JSON.parse(JSON.stringify(baselineHistory))
    expect(back).toEqual(baselineHistory)
    expect(isBaselineHistory(back) && learnWindow(back, arm(ordinary), guardrails)).toEqual(
      learnWindow(baselineHistory, arm(ordinary), guardrails),
    )
  })

  it.each([undefined, null, 7, 'history', [], {}, { newer: null }])('is told from %j', (other) => {
    expect(isBaselineHistory(other)).toBe(false)
    expect(isBaselineHistory(noHistory())).toBe(true)
  })
})
