import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/error-rate.js'
import { latency } from '../guardrails/latency.js'
import { tailLatency } from '../guardrails/tail-latency.js'
import type { Check } from '../judging/judge.js'
import { noValues } from './no-values.js'

const check = (guardrail: string, canary: number): Check => ({
  guardrail,
  severity: 'rollback',
  outcome: 'undecided',
  rule: 'evidence',
  baseline: null,
  canary: null,
  difference: null,
  margin: 1,
  limit: null,
  samples: { baseline: 0, canary },
  reason: '',
})

describe('noValues', () => {
  it('names every guardrail without values, with its likely cause', () => {
    const checks = [check('latency', 0), check('tailLatency', 0)]
    expect(noValues(checks, [latency(), tailLatency()], 100)).toBe(
      'latency: no value came with 100 canary requests; does the source count durations? ' +
        'tailLatency: no value came with 100 canary requests; does the source count durations in bins?',
    )
  })

  it.each<[what: string, checks: readonly Check[], requests: number]>([
    ['before there are a hundred requests', [check('latency', 0)], 99],
    ['once there is a value', [check('latency', 1)], 5_000],
    ['of what is counted with every request', [check('errorRate', 0)], 5_000],
    ['of a guardrail that is not known', [check('other', 0)], 5_000],
  ])('says nothing %s', (_, checks, requests) => {
    expect(noValues(checks, [errorRate(), latency()], requests)).toBeUndefined()
  })
})
