import { describe, expect, it } from 'vitest'
import type { Guardrail } from './guardrail.js'
import { errorRate } from './kinds/error-rate.js'
import { latency } from './kinds/latency.js'
import { metric } from './kinds/metric.js'
import { predictionShift } from './kinds/prediction-shift.js'
import { scoreShift } from './kinds/score-shift.js'
import { tailLatency } from './kinds/tail-latency.js'
import { resolveGuardrails } from './resolve-guardrails.js'

const all: readonly Guardrail[] = [
  errorRate(),
  latency(),
  tailLatency(),
  predictionShift(),
  scoreShift({ margin: 0.1 }),
  metric('conversion', { direction: 'must-not-fall', margin: 0.01 }),
]

describe('resolveGuardrails', () => {
  it('gives back what the makers made, also after a trip through JSON', () => {
    expect(resolveGuardrails(all)).toEqual(all)
    expect(resolveGuardrails(JSON.parse(JSON.stringify(all)))).toEqual(all)
  })

  it('fills the defaults of plain data', () => {
    expect(resolveGuardrails([{ kind: 'errorRate' }, { kind: 'latency', marginMs: 20 }])).toEqual([
      errorRate({ margin: 0.02 }),
      latency({ marginMs: 20 }),
    ])
  })

  it('copies and freezes the list: later changes of it have no effect', () => {
    const mine = [{ ...errorRate() }]
    const resolved = resolveGuardrails(mine)
    mine[0] = { ...errorRate(), margin: 0.5 }
    mine.push(errorRate({ name: 'second' }))
    expect(resolved).toEqual([errorRate()])
    expect(Object.isFrozen(resolved)).toBe(true)
  })

  it('needs at least one', () => {
    expect(() => resolveGuardrails([])).toThrow('[NO_GUARDRAILS]')
  })

  it.each([undefined, null, 'errorRate', { 0: errorRate(), length: 1 }, errorRate()])(
    'needs an array, not %o',
    (list) => {
      expect(() => resolveGuardrails(list)).toThrow('[INVALID_OPTION]')
    },
  )

  it('needs different names, because a check is identified by its name', () => {
    expect(() => resolveGuardrails([errorRate(), errorRate({ margin: 0.1 })])).toThrow('[DUPLICATE_GUARDRAIL]')
    const twins = [latency(), metric('latency', { direction: 'must-not-rise', margin: 1 })]
    expect(() => resolveGuardrails(twins)).toThrow('[DUPLICATE_GUARDRAIL]')
    expect(resolveGuardrails([errorRate(), errorRate({ name: 'strict', margin: 0.001 })])).toHaveLength(2)
  })

  it.each([
    ['nothing', [undefined], 'INVALID_OPTION'],
    ['a hole', new Array(1), 'INVALID_OPTION'],
    ['a maker that was not called', [errorRate], 'INVALID_OPTION'],
    ['an unknown kind', [{ kind: 'errorrate' }], 'INVALID_OPTION'],
    ['a kind from the prototype', [{ kind: 'constructor' }], 'INVALID_OPTION'],
    ['a margin in percent', [{ kind: 'errorRate', margin: 2 }], 'MARGIN_NOT_A_FRACTION'],
    ['a typo', [{ kind: 'errorRate', margn: 0.02 }], 'UNKNOWN_OPTION'],
    ['a metric without a name', [{ kind: 'metric', direction: 'must-not-fall', margin: 1 }], 'INVALID_NAME'],
  ])('refuses %s', (_what, list, code) => {
    expect(() => resolveGuardrails(list)).toThrow(`[${code}]`)
  })
})
