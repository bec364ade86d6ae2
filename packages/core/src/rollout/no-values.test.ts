import { describe, expect, it } from 'vitest'
import type { Guardrail } from '../guardrails/guardrail.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { metric } from '../guardrails/kinds/metric.js'
import { predictionShift } from '../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../guardrails/kinds/score-shift.js'
import { tailLatency } from '../guardrails/kinds/tail-latency.js'
import { emptySummary, type Summary } from '../summaries/summary.js'
import { noValues } from './no-values.js'

const one = { count: 1, sum: 1, sumOfSquares: 1 }
const conversion = metric('conversion', { direction: 'must-not-fall', margin: 1 })

describe('noValues', () => {
  it('names every guardrail without values, with its likely cause', () => {
    expect(noValues([errorRate(), latency(), tailLatency()], emptySummary(), 100)).toBe(
      'latency: no value came with 100 canary requests; does the source count durations? ' +
        'tailLatency: no value came with 100 canary requests; does the source count durations in bins?',
    )
  })

  it.each<[Guardrail, Partial<Summary>]>([
    [latency(), { latencyUs: one }],
    [tailLatency(), { latencyBins: [[3, 1]] }],
    [scoreShift({ margin: 1 }), { score: one }],
    [predictionShift({ margin: 0.1 }), { predictions: { labels: [['yes', 1]], other: 0 } }],
    [conversion, { metrics: [['conversion', one]] }],
  ])('says nothing of %o once there is a value', (guardrail, counted) => {
    expect(noValues([guardrail], { ...emptySummary(), ...counted }, 5_000)).toBeUndefined()
    expect(noValues([guardrail], {} as Summary, 5_000)).toContain(guardrail.name)
  })

  it('counts no class that a source lists without predictions', () => {
    const counted = { ...emptySummary(), predictions: { labels: [['yes', 0] as const], other: 0 } }
    expect(noValues([predictionShift({ margin: 0.1 })], counted, 5_000)).toContain('predictionShift: no value came')
  })

  it('says nothing before there are a hundred requests, or where nothing was read', () => {
    expect(noValues([latency()], emptySummary(), 99)).toBeUndefined()
    expect(noValues([latency()], undefined, 5_000)).toBeUndefined()
  })
})
