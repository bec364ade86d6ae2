import { expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { learnWindow, noHistory, windowCountOf } from './baseline-history.js'
import { historyOf, ordinary } from './evidence.fixture.js'
import { historyFromPast, keptPast, windowsKnown } from './kept-past.js'

const guardrails = [errorRate(), latency(), tailLatency(), predictionShift()]
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

it('keeps rates, quantiles and noise, and is read from JSON', () => {
  for (const windows of [0, 40, 100]) {
    const { newer, older } = windows === 0 ? noHistory() : historyOf(guardrails, windows)
    const back = historyFromPast(json(keptPast({ ...noHistory(), newer, older })))
    expect(back).toEqual({ newer, older, last: null, users: null })
    expect(windowsKnown(back)).toBe(windows)
  }
})

it('has neither the users nor the offsets of a rollout, which depend on the split', () => {
  const history = {
    ...historyOf(guardrails, 40),
    users: { thresholds: {}, open: 3, newer: null, older: null },
    offsets: null,
  }
  expect(Object.keys(keptPast(history) as object)).toEqual(['newer', 'older'])
})

it('goes on without a pair of windows across the restart', () => {
  const back = historyFromPast(json(keptPast(historyOf(guardrails, 40))))!
  const next = learnWindow(back, arm(ordinary), guardrails)
  expect(windowCountOf(next)).toBe(41)
  expect(next.newer.spreads).toEqual(back.newer.spreads)
})

it('is nothing without a history', () => {
  expect(keptPast(null)).toBeNull()
  expect(windowsKnown(null)).toBe(0)
})

const kept = json(keptPast(historyOf([errorRate()], 40))) as { newer: { spreads: unknown[] }; older: null }
it.each([
  null,
  'past',
  {},
  { newer: null, older: null },
  { older: null, newer: { ...kept.newer, windows: -1 } },
  { older: null, newer: { ...kept.newer, total: {} } },
  { older: null, newer: { ...kept.newer, spreads: {} } },
  { older: null, newer: { ...kept.newer, spreads: [[7, { sum: 1, pairs: 2, largest: [] }]] } },
  { older: null, newer: { ...kept.newer, spreads: [['errorRate', { sum: null, pairs: 2, largest: [] }]] } },
  { older: null, newer: { ...kept.newer, spreads: [['errorRate', { sum: 1, pairs: 1.5, largest: [] }]] } },
  { older: null, newer: { ...kept.newer, spreads: [['errorRate', { sum: 1, pairs: 2, largest: [1, 1, 1] }]] } },
])('cannot be read from %j', (value) => {
  expect(historyFromPast(value)).toBeUndefined()
})
