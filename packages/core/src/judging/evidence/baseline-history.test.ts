import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { noSpread } from '../../statistics/dispersion.js'
import {
  addWindow,
  type BaselineHistory,
  historySummaryOf,
  isBaselineHistory,
  noHistory,
  spreadOf,
  windowCountOf,
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
    expect(spreadOf(baselineHistory, errors!)).toEqual({ sum: expect.closeTo(3 * 0.0025, 12), pairs: 3 })
  })

  it('leaves out windows in which nothing ended, hung flights or not', () => {
    const baselineHistory = rising(4)
    expect(addWindow(baselineHistory, arm({}), [errorRate()], [])).toBe(baselineHistory)
    expect(addWindow(baselineHistory, arm({ pending: [50, 9_000] }), [errorRate()], [])).toBe(baselineHistory)
    const after = addWindow(baselineHistory, arm({ requests: 200, errors: 4 }), [errorRate()], [])
    expect(spreadOf(after, errors!).pairs).toBe(4)
  })

  it('uses the present thresholds until a guardrail has some, and the guardrail’s after that', () => {
    const tail = tailLatency()
    const baselineHistory = historyOf([tail], 20, (window) => ({ requests: 100, slow: [window % 2, 900] }))
    const [hypothesis] = hypothesesOf(tail, thresholdsOf(tail, historySummaryOf(baselineHistory)))
    expect(spreadOf(baselineHistory, hypothesis!)).toEqual({ sum: expect.closeTo(19 * 0.005, 12), pairs: 19 })
    const high = { kind: 'tail', bin: 1_500, hungBin: 1_500, margin: 0.01 } as const
    const after = addWindow(baselineHistory, arm({ requests: 100, slow: [50, 900] }), [tail], [high])
    expect(spreadOf(after, hypothesis!)).toEqual({ sum: expect.closeTo(19 * 0.005, 12), pairs: 20 }) // nothing is so slow
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
      baselineHistory = addWindow(baselineHistory, arm(story), guardrails, [])
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
    expect(isBaselineHistory(back) && addWindow(back, arm(ordinary), guardrails, [])).toEqual(
      addWindow(baselineHistory, arm(ordinary), guardrails, []),
    )
  })

  it.each([undefined, null, 7, 'history', [], {}, { newer: null }])('is told from %j', (other) => {
    expect(isBaselineHistory(other)).toBe(false)
    expect(isBaselineHistory(noHistory())).toBe(true)
  })
})
