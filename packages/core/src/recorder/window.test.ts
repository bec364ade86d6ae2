import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addBegun, createAggregate, toSummary } from './aggregate.js'
import { createSlidingWindow } from './window.js'

const none = { names: [], rising: [] }

/** A window in which each call is one `begun`. */
function createCounter(slices = 6, sliceMs = 10) {
  const window = createSlidingWindow({
    slices,
    sliceMs,
    createAggregate: () => createAggregate(1),
  })
  return {
    hit(at: number) {
      const slice = window.sliceOf({ at })
      if (slice) addBegun(slice)
    },
    countAt: (at: number, lastMs = slices * sliceMs) =>
      window
        .recent(at, lastMs)
        .map((slice) => toSummary(slice, { labels: none, metrics: none }).begun)
        .reduce((a, b) => a + b, 0),
  }
}

describe('a sliding window', () => {
  it('forgets all slices after a long idle time', () => {
    const counter = createCounter(6, 10_000)
    for (let second = 0; second < 14; second++) counter.hit(second * 4_000)
    counter.hit(56_000 + 3_600_000)
    expect(counter.countAt(56_000 + 3_600_000)).toBe(1)
  })

  it('forgets old slices even if nothing is recorded', () => {
    const counter = createCounter()
    counter.hit(5)
    expect([59, 60, 3_600_000].map((at) => counter.countAt(at))).toEqual([1, 0, 0])
  })

  it('moves forward slice by slice', () => {
    const counter = createCounter()
    for (const at of [0, 9, 10, 59]) counter.hit(at)
    expect([59, 60, 69, 70, 109, 110].map((at) => counter.countAt(at))).toEqual([4, 2, 2, 1, 1, 0])
  })

  it('returns less than its span if asked, and never older slices', () => {
    const counter = createCounter()
    for (const at of [5, 15, 25]) counter.hit(at)
    expect([10, 20, 25, 30, 1_000].map((lastMs) => counter.countAt(29, lastMs))).toEqual([1, 2, 3, 3, 3])
  })

  it('returns the same slice for a time and for a call at that time', () => {
    const window = createSlidingWindow({
      slices: 2,
      sliceMs: 10,
      createAggregate: () => createAggregate(1),
    })
    const [first, second] = [window.sliceAt(5), window.sliceAt(15)]
    expect(second).not.toBe(first)
    expect([9, 10, 0].map((at) => window.sliceOf({ at }) === window.sliceAt(at))).toEqual([true, true, true])
    expect([window.sliceOf({ at: 0 }), window.sliceOf({ at: 19 })]).toEqual([first, second])
  })

  it('survives time that goes backwards', () => {
    const counter = createCounter()
    counter.hit(1_000)
    counter.hit(990)
    counter.hit(945) // older than the span, and where the slice of 1,000 is kept
    expect(counter.countAt(1_000)).toBe(2)
    counter.hit(1_001)
    expect(counter.countAt(1_001)).toBe(3)
  })

  it('works with a clock that begins below zero', () => {
    const counter = createCounter()
    for (const at of [-35, -5, 5]) counter.hit(at)
    expect([-5, 5, 29].map((at) => counter.countAt(at))).toEqual([2, 3, 2])
  })
})

describe('properties', () => {
  it('equals a model that keeps every call', () => {
    const gaps = fc.array(fc.oneof(fc.nat(12), fc.nat(200)), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(gaps, fc.nat(100), fc.integer({ min: 1, max: 8 }), (steps, lastMs, slices) => {
        const counter = createCounter(slices)
        const all: number[] = []
        let now = 0
        for (const gap of steps) {
          now += gap
          counter.hit(now)
          all.push(now)
          const first = Math.floor(now / 10) - Math.min(slices, Math.ceil(lastMs / 10)) + 1
          expect(counter.countAt(now, lastMs)).toBe(all.filter((at) => Math.floor(at / 10) >= first).length)
        }
      }),
    )
  })
})
