import { describe, expect, it } from 'vitest'
import { abortRate } from './kinds/abort-rate.js'
import { errorRate } from './kinds/error-rate.js'
import { latency } from './kinds/latency.js'
import { metric } from './kinds/metric.js'
import { predictionShift } from './kinds/prediction-shift.js'
import { scoreShift } from './kinds/score-shift.js'
import { tailLatency } from './kinds/tail-latency.js'
import { timeoutRate } from './kinds/timeout-rate.js'
import { unansweredRate } from './kinds/unanswered-rate.js'

const rollback = { severity: 'rollback' } as const

describe('guardrails', () => {
  it('are plain data with every default filled in', () => {
    expect(errorRate()).toEqual({ kind: 'errorRate', name: 'errorRate', ...rollback, margin: 0.02, limit: null })
    expect(timeoutRate()).toEqual({ kind: 'timeoutRate', name: 'timeoutRate', ...rollback, margin: 0.02, limit: null })
    expect(abortRate()).toEqual({ kind: 'abortRate', name: 'abortRate', ...rollback, margin: 0.02, limit: null })
    expect(latency()).toEqual({ kind: 'latency', name: 'latency', ...rollback, marginMs: 50, limitMs: null })
    expect(tailLatency()).toEqual({
      kind: 'tailLatency',
      name: 'tailLatency',
      ...rollback,
      quantile: 0.99,
      ratio: 1.5,
      minIncreaseMs: 10,
      limitMs: null,
    })
    expect(predictionShift()).toEqual({
      kind: 'predictionShift',
      name: 'predictionShift',
      ...rollback,
      margin: 0.1,
      minShare: 0.004,
      totalMargin: 0.1,
    })
    expect(scoreShift({ margin: 3 })).toEqual({
      kind: 'scoreShift',
      name: 'scoreShift',
      ...rollback,
      margin: 3,
      totalMargin: null,
    })
    expect(metric('conversion', { direction: 'must-not-fall', margin: 0.01 })).toEqual({
      kind: 'metric',
      name: 'conversion',
      ...rollback,
      metric: 'conversion',
      direction: 'must-not-fall',
      margin: 0.01,
      limit: null,
    })
  })

  it('accept by default of all classes together what they accept of one', () => {
    expect(predictionShift({ margin: 0.3 }).totalMargin).toBe(0.3)
    expect(predictionShift({ margin: 0.02 }).totalMargin).toBe(0.1)
    expect(predictionShift({ margin: 0.3, totalMargin: 0.2 }).totalMargin).toBe(0.2)
    expect(predictionShift({ totalMargin: false }).totalMargin).toBe(false)
  })

  it('take a name, a severity and a limit', () => {
    expect(errorRate({ name: 'errors', severity: 'hold', limit: 0.1 })).toMatchObject({
      name: 'errors',
      severity: 'hold',
      limit: 0.1,
    })
    expect(latency({ limitMs: 400 }).limitMs).toBe(400)
    expect(tailLatency({ limitMs: null }).limitMs).toBeNull()
    expect(metric('profit', { direction: 'must-not-fall', margin: 1, limit: -5, name: 'gain' })).toMatchObject({
      name: 'gain',
      metric: 'profit',
      limit: -5,
    })
  })

  it('are frozen', () => {
    const all = [errorRate(), latency(), tailLatency(), predictionShift(), scoreShift({ margin: 1 })]
    expect([...all, metric('m', { direction: 'must-not-rise', margin: 1 })].every(Object.isFrozen)).toBe(true)
  })

  it('tell a percentage from a fraction', () => {
    expect(errorRate({ margin: 1 }).margin).toBe(1)
    expect(() => errorRate({ margin: 2 })).toThrow('[MARGIN_NOT_A_FRACTION]')
    expect(() => abortRate({ margin: 1.01 })).toThrow('[MARGIN_NOT_A_FRACTION]')
    expect(() => predictionShift({ margin: 10 })).toThrow('[MARGIN_NOT_A_FRACTION]')
    expect(() => predictionShift({ totalMargin: 10 })).toThrow('[MARGIN_NOT_A_FRACTION] predictionShift.totalMargin')
  })

  it.each([0, -0.02, Number.NaN, Number.POSITIVE_INFINITY, '0.02', null])('refuse a margin of %s', (given) => {
    const margin = given as number
    expect(() => errorRate({ margin })).toThrow('[INVALID_MARGIN]')
    expect(() => latency({ marginMs: margin })).toThrow('[INVALID_MARGIN]')
    expect(() => predictionShift({ margin })).toThrow('[INVALID_MARGIN]')
    expect(() => predictionShift({ totalMargin: margin })).toThrow('[INVALID_MARGIN]')
    if (margin !== null) expect(() => scoreShift({ margin: 1, totalMargin: margin })).toThrow('[INVALID_MARGIN]')
    expect(() => scoreShift({ margin })).toThrow('[INVALID_MARGIN]')
    expect(() => metric('m', { direction: 'must-not-rise', margin })).toThrow('[INVALID_MARGIN]')
  })

  it.each([
    ['errorRate.limit', () => errorRate({ limit: 10 })],
    ['latency.limitMs', () => latency({ limitMs: -1 })],
    ['tailLatency.limitMs', () => tailLatency({ limitMs: Number.NaN })],
    ['tailLatency.quantile', () => tailLatency({ quantile: 99 })],
    ['tailLatency.quantile', () => tailLatency({ quantile: 1 })],
    ['predictionShift.minShare', () => predictionShift({ minShare: 2 })],
    ['metric.limit', () => metric('m', { direction: 'must-not-fall', margin: 1, limit: Number.NaN })],
    ['metric.direction', () => metric('m', { direction: 'up' as 'must-not-fall', margin: 1 })],
    ['errorRate.severity', () => errorRate({ severity: 'panic' as 'hold' })],
  ])('refuse what %s cannot be', (option, make) => {
    expect(make).toThrow(new RegExp(`\\[INVALID_OPTION\\] ${option}`))
  })

  it('accept a tail of the same height as the baseline, and no lower', () => {
    expect(tailLatency({ ratio: 1 }).ratio).toBe(1)
    expect(() => tailLatency({ ratio: 0.9 })).toThrow('[INVALID_MARGIN]')
    expect(() => tailLatency({ minIncreaseMs: -1 })).toThrow('[INVALID_MARGIN]')
  })

  it.each([
    [
      () => errorRate(0.02 as never),
      'errorRate takes an object, as in errorRate({ margin: 0.02 }), got 0.02; see https://',
    ],
    [() => abortRate('x' as never), 'as in abortRate({ margin: 0.02 }), got "x"'],
    [() => unansweredRate(null as never), 'as in unansweredRate({ margin: 0.02 }), got null'],
    [() => latency(30 as never), 'as in latency({ marginMs: 30 }), got 30'],
    [() => tailLatency(0.99 as never), 'as in tailLatency({ ratio: 1.5 }), got 0.99'],
    [() => predictionShift(0.1 as never), 'as in predictionShift({ margin: 0.1 }), got 0.1'],
    [() => scoreShift(0.1 as never), 'as in scoreShift({ margin: 0.1 }), got 0.1'],
  ])('show what is right instead of a bare value: %s', (make, message) => {
    expect(make).toThrow(message)
  })

  it('show that the name of a metric comes first', () => {
    const example = "as in metric('conversion', { direction: 'must-not-fall', margin: 0.01 })"
    const make = metric as (...values: unknown[]) => unknown
    const options = { name: 'conversion', direction: 'must-not-fall', margin: 0.01 }
    expect(() => make(options)).toThrow(`metric takes the name first, ${example}, got an object; see https://`)
    expect(() => make('conversion')).toThrow(`the second argument takes an object, ${example}, got undefined`)
    expect(() => make(undefined, options)).toThrow('[INVALID_NAME] the name of a metric must be a string')
  })

  it('refuse an option that they do not know', () => {
    expect(() => errorRate({ margn: 0.02 } as object)).toThrow('[UNKNOWN_OPTION]')
    expect(() => latency({ margin: 50 } as object)).toThrow('[UNKNOWN_OPTION]')
    expect(() => scoreShift({ margin: 1, limit: 2 } as { margin: number })).toThrow('[UNKNOWN_OPTION]')
  })

  it('refuse a name that could not be shown or keyed by', () => {
    expect(() => errorRate({ name: '' })).toThrow('[INVALID_NAME]')
    expect(() => errorRate({ name: null as never })).toThrow('[INVALID_NAME]')
    expect(() => metric('__proto__', { direction: 'must-not-fall', margin: 1 })).toThrow('[INVALID_NAME]')
  })
})
