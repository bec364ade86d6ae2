import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binLow, binOf, type SparseBins } from '../summaries/histogram.js'
import { answerLinesOf } from './answer-lines.js'
import type { Guardrail } from './guardrail.js'
import { errorRate } from './kinds/error-rate.js'
import { latency } from './kinds/latency.js'
import { tailLatency } from './kinds/tail-latency.js'
import { unansweredRate } from './kinds/unanswered-rate.js'

/** So many calls that waited so long, in milliseconds. */
const times = (...groups: readonly (readonly [count: number, ms: number])[]): SparseBins =>
  groups.map(([count, ms]) => [binOf(ms * 1_000), count] as const)

/** 100 calls, of which two took `p99`. */
const waitedFor = (p99: number) => times([98, 5], [2, p99])

const lineOf = (bins: SparseBins, ...guardrails: Guardrail[]) => answerLinesOf(bins, guardrails).overdueMs

/** A line that is snapped up to a bin's edge lies at most 1/64 above. */
const expectLine = (line: number, ms: number) => {
  expect(line).toBeGreaterThanOrEqual(ms * 0.99) // the quantile itself is within 1 %
  expect(line).toBeLessThanOrEqual(ms * 1.03)
}

describe('the overdue line', () => {
  it('is 10 s below 100 known answers, and follows from the answers after that', () => {
    expect(answerLinesOf([], [])).toEqual({ overdueMs: binEdge(10_000), patienceMs: null })
    expect(answerLinesOf(times([99, 50]), [latency({ marginMs: 60_000 })])).toEqual({
      overdueMs: binEdge(10_000),
      patienceMs: null,
    })
    expect(lineOf(times([100, 50]))).toBe(binEdge(1_000))
  })

  it('is 1 s at least, and else ten times the p99', () => {
    expect(lineOf(waitedFor(20))).toBe(binEdge(1_000))
    expectLine(lineOf(waitedFor(400)), 4_000)
    expectLine(lineOf(waitedFor(3_000)), 30_000)
  })

  it('leaves room for three times what a latency guardrail accepts', () => {
    expectLine(lineOf(waitedFor(100), latency({ marginMs: 1_000 })), 3_300)
    expectLine(lineOf(waitedFor(100), latency({ marginMs: 100 })), 1_000)
    expectLine(
      lineOf(waitedFor(100), latency({ name: 'a', marginMs: 50 }), latency({ name: 'b', marginMs: 2_000 })),
      6_300,
    )
    expectLine(lineOf(waitedFor(100), tailLatency({ quantile: 0.99, ratio: 11 })), 3 * (100 + 1_000))
    expectLine(lineOf(waitedFor(100), tailLatency({ ratio: 1.1, minIncreaseMs: 900 })), 3 * (100 + 900))
    expectLine(lineOf(waitedFor(100), errorRate({ margin: 0.9 })), 1_000)
  })

  it('is a guardrail’s own `afterMs` if one is given, and the smallest of several', () => {
    expect(lineOf([], unansweredRate({ afterMs: 500 }))).toBe(binEdge(500))
    expect(lineOf(waitedFor(3_000), unansweredRate({ afterMs: 500 }), latency({ marginMs: 9_000 }))).toBe(binEdge(500))
    expect(lineOf([], unansweredRate({ name: 'a', afterMs: 700 }), unansweredRate({ name: 'b', afterMs: 600 }))).toBe(
      binEdge(600),
    )
    expect(lineOf(waitedFor(3_000), unansweredRate({ afterMs: null }))).toBeGreaterThan(29_000)
  })

  it('is an edge of a bin, never below what was asked for, up to the longest timer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (afterMs) => {
        const line = lineOf([], unansweredRate({ afterMs }))
        expect(line).toBeGreaterThanOrEqual(afterMs)
        expect(line).toBeLessThanOrEqual(Math.max(afterMs * (1 + 1 / 64), afterMs + 0.001))
        expect(binLow(binOf(line * 1_000))).toBe(line * 1_000)
      }),
    )
    expect(lineOf([], unansweredRate({ afterMs: 2_147_483_647 }))).toBe(2_147_483_647)
  })
})

/** The next edge of a bin, in milliseconds: bins of the octave from 2ⁿ µs are 2ⁿ⁻⁶ wide. */
function binEdge(ms: number): number {
  const us = ms * 1_000
  const width = 2 ** (Math.floor(Math.log2(us)) - 6)
  return (Math.ceil(us / width) * width) / 1_000
}

it('patience is the p95', () => {
  const { patienceMs } = answerLinesOf(times([95, 100], [5, 900]), [])
  expect(patienceMs).toBeCloseTo(100, 0)
  expect(answerLinesOf(times([94, 100], [6, 900]), []).patienceMs! / 900).toBeCloseTo(1, 2)
})
