import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { plainForm } from '../../summaries/strata.js'
import { ordinary } from './evidence.fixture.js'
import { strataOf } from './strata.fixture.js'
import {
  countedOn,
  formFor,
  generationsAtStart,
  isGenerationDue,
  nextThresholds,
  type UsersPast,
  withGeneration,
} from './users-past.js'

const begun: UsersPast = { thresholds: {}, open: 0, newer: null, older: null }

/** Strata of one call each that can be told from others by the number of errors. */
const marked = (errors: number) => strataOf(errors, () => errors)

/** The past after some windows: each generation is as many calls a stratum as it has windows. */
function after(windows: number): UsersPast {
  let past = begun
  for (let window = 0; window < windows; window += 1) {
    past = countedOn(past)!
    if (isGenerationDue(past)) past = withGeneration(past, marked(past.open))
  }
  return past
}

const lengthsOf = ({ open, newer, older }: UsersPast) => [older?.windows ?? 0, newer?.windows ?? 0, open]

describe('the generations', () => {
  it('double until each has 160 windows, and roll from then on', () => {
    const at = [9, 10, 20, 39, 40, 80, 160, 320, 639, 640, 799, 800]
    expect(at.map((windows) => lengthsOf(after(windows)))).toEqual([
      [0, 0, 9],
      [0, 10, 0],
      [10, 10, 0],
      [10, 10, 19],
      [20, 20, 0],
      [40, 40, 0],
      [80, 80, 0],
      [160, 160, 0],
      [160, 160, 159],
      [160, 160, 0],
      [160, 160, 159],
      [160, 160, 0],
    ])
  })

  it('have all that was counted in their windows', () => {
    const { newer, older } = after(80)
    expect([older?.strata.answered[7], newer?.strata.answered[7]]).toEqual([40, 40])
  })

  it('are forgotten if the baseline served nobody alone for a whole one: what was known is too old', () => {
    expect(withGeneration(after(50), null)).toMatchObject({ open: 0, newer: null, older: null })
  })

  it('of different forms are not added', () => {
    const past = after(20)
    const other = { ...past, newer: { windows: 10, strata: strataOf(10, () => 0, { ...plainForm, capMs: 300 }) } }
    expect(lengthsOf(withGeneration({ ...other, open: 20 }, marked(20)))).toEqual([10, 20, 0])
  })
})

describe('the generations at the start of a rollout', () => {
  it('are two, divided where they are most alike in length', () => {
    const at = (windows: number) => {
      const past = after(windows)
      const found = generationsAtStart(past, past.open > 0 ? marked(past.open) : null)
      return found && [found.older.windows, found.newer.windows]
    }
    expect([5, 10, 15, 20, 28, 36, 70, 75].map(at)).toEqual([
      null, // one generation that is not complete
      null,
      [10, 5],
      [10, 10],
      [10, 18],
      [20, 16],
      [40, 30],
      [40, 35],
    ])
  })

  it('leave out what is counted in another way than the newer one', () => {
    const past = { ...after(40), open: 30 }
    const other = strataOf(30, () => 0, { ...plainForm, tailBins: [700] })
    expect(generationsAtStart(past, other)).toEqual({ older: past.older, newer: past.newer })
  })
})

describe('the form of the next generation', () => {
  const guardrails = [
    errorRate(),
    latency({ marginMs: 50 }),
    tailLatency(),
    predictionShift(),
    metric('conversion', { direction: 'must-not-fall', margin: 0.1 }),
  ]

  it('has what the guardrails compare at the thresholds of the history', () => {
    const thresholds = nextThresholds(guardrails, arm(ordinary))
    const form = formFor(guardrails, thresholds)
    expect(Object.keys(thresholds)).toEqual(['errorRate', 'latency', 'tailLatency', 'predictionShift', 'conversion'])
    expect(form.metrics).toEqual(['conversion'])
    expect(form.capMs).toBe((thresholds['latency'] as { capMs: number }).capMs)
    expect(form.tailBins).toContain((thresholds['tailLatency'] as { bin: number }).bin)
    expect(form.classes).toContain('cat')
  })

  it('keeps thresholds that are almost right, so that the generations can be added', () => {
    const thresholds = nextThresholds(guardrails, arm(ordinary))
    const similar = nextThresholds(guardrails, arm({ ...ordinary, slow: [92, 202] }), thresholds)
    for (const name of ['latency', 'tailLatency']) expect(similar[name]).toBe(thresholds[name])
    const slower = nextThresholds(guardrails, arm({ ...ordinary, slow: [90, 400] }), thresholds)
    expect(slower['latency']).not.toEqual(thresholds['latency'])
    const others = nextThresholds(guardrails, arm({ ...ordinary, predictions: { cat: 500, emu: 400 } }), thresholds)
    expect(others['predictionShift']).not.toEqual(thresholds['predictionShift'])
  })
})
