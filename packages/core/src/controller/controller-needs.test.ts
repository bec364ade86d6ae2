import { expect, it } from 'vitest'
import type { Guardrail } from '../guardrails/guardrail.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { tailLatency } from '../guardrails/kinds/tail-latency.js'
import { createController } from './controller.js'

const make = (supports: readonly Guardrail['kind'][] | undefined, guardrails: readonly Guardrail[]) =>
  createController({
    name: 'needs',
    guardrails,
    source: { read: async () => 'no-data', ...(supports === undefined ? {} : { supports }) },
    target: { apply: async () => {} },
  })

it('refuses a guardrail that its source can never answer, and names both', () => {
  expect(() => make(['errorRate', 'latency'], [errorRate(), tailLatency({ name: 'p99' })])).toThrow(
    '[GUARDRAIL_NEEDS] "p99" is a tailLatency; this source supports errorRate, latency',
  )
})

it('takes what its source supports, and everything if the source does not say', () => {
  expect(() => make(['errorRate'], [errorRate()])).not.toThrow()
  expect(() => make(undefined, [errorRate(), tailLatency()])).not.toThrow()
})
