import { describe, expect, it } from 'vitest'
import type { Guardrail } from '../guardrails/guardrail.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { metric } from '../guardrails/kinds/metric.js'
import { predictionShift } from '../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../guardrails/kinds/score-shift.js'
import { emptySummary, type Summary } from '../summaries/summary.js'
import { fewValues } from './few-values.js'

const paid = metric('paid', { direction: 'must-not-fall', margin: 1 })
const all = [errorRate(), latency(), paid, scoreShift({ margin: 1 }), predictionShift({ margin: 0.1 })]

/** A version with this many answers, of which so many have a class, a score and the metric. */
function counted(answers: number, values: number): Summary {
  const nothing = emptySummary()
  const moments = { count: values, sum: values, sumOfSquares: values }
  return {
    ...nothing,
    begun: answers,
    outcomes: { ...nothing.outcomes, success: answers },
    score: moments,
    predictions: { labels: [['yes', values]], other: 0 },
    metrics: [['paid', moments]],
  }
}

const told = (baseline: Summary, canary: Summary, guardrails: readonly Guardrail[] = all) =>
  fewValues(guardrails, { baseline, canary })

describe('a guardrail with far fewer values of the canary than of the baseline', () => {
  it('is named, with the shares of both', () => {
    expect(told(counted(900, 900), counted(1_000, 100))).toBe(
      ['paid', 'scoreShift', 'predictionShift']
        .map((name) => `${name}: 10 % of the canary's answers have a value, and 100 % of the baseline's`)
        .join('; '),
    )
    expect(told(counted(900, 90), counted(1_000, 49), [paid])).toContain("paid: 4.9 % of the canary's")
    expect(told(counted(100, 100), counted(100, 0), [paid])).toContain('paid: 0 %')
  })

  it.each<[what: string, Summary, Summary]>([
    ['half as many', counted(900, 900), counted(1_000, 500)],
    ['as few of both', counted(900, 90), counted(1_000, 100)],
    ['more of the canary', counted(900, 90), counted(1_000, 1_000)],
    ['few values of the baseline', counted(900, 29), counted(9_000, 0)],
    ['few answers of the canary', counted(900, 900), counted(29, 0)],
    ['no values at all', counted(900, 0), counted(1_000, 0)],
    ['nothing', emptySummary(), emptySummary()],
  ])('is not told with %s', (_, baseline, canary) => {
    expect(told(baseline, canary)).toBeUndefined()
  })

  it('is not told if it only observes, or without counts', () => {
    const observed = metric('paid', { direction: 'must-not-fall', margin: 1, severity: 'observe' })
    expect(told(counted(900, 900), counted(1_000, 100), [observed])).toBeUndefined()
    expect(fewValues(all, null)).toBeUndefined()
  })
})
