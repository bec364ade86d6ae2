import { describe, expect, it } from 'vitest'
import type { CanaryErrorCode } from '../errors.js'
import type { Outcome, Variant } from '../vocabulary.js'
import { createTripwire, type LiveTripwire, tripwire } from './tripwire.js'

/** Lets so many requests of an arm end so; answers at which of them the wire tripped first, and why. */
function feed(
  wire: LiveTripwire,
  variant: Variant,
  outcome: Outcome,
  times: number,
): [at: number, why: string] | undefined {
  for (let at = 1; at <= times; at += 1) {
    const why = wire.observe(variant, outcome)
    if (why !== undefined) return [at, why]
  }
  return undefined
}

describe('a tripwire', () => {
  it('trips at the tenth request of a total breakage', () => {
    const wire = createTripwire(tripwire())
    feed(wire, 'baseline', 'success', 90)
    expect(feed(wire, 'canary', 'error', 50)).toEqual([10, '10 canary errors in a row'])
  })

  it('counts a timeout as an error, and an aborted request not at all', () => {
    expect(feed(createTripwire(tripwire()), 'canary', 'timeout', 50)?.[0]).toBe(10)
    const wire = createTripwire(tripwire())
    feed(wire, 'canary', 'error', 9)
    expect(feed(wire, 'canary', 'aborted', 1_000)).toBeUndefined()
    expect(feed(wire, 'canary', 'error', 1)?.[0]).toBe(1)
  })

  it('begins to count anew with every success', () => {
    const wire = createTripwire(tripwire({ errorRate: 1 }))
    for (let run = 0; run < 20; run += 1) {
      expect(feed(wire, 'canary', 'error', 9)).toBeUndefined()
      wire.observe('canary', 'success')
    }
  })

  it('does not trip on a run of errors where the baseline errs in 40 % as well', () => {
    const wire = createTripwire(tripwire({ errorRate: 0.9, margin: 0.02 }))
    for (let i = 0; i < 500; i += 1) wire.observe('baseline', i % 5 < 2 ? 'error' : 'success')
    expect(feed(wire, 'canary', 'error', 45)).toBeUndefined()
  })

  it('trips on a rate above 10 % over a full window of 50, and not on one of exactly 10 %', () => {
    const errorsOf = (every: number) => {
      const wire = createTripwire(tripwire())
      for (let i = 1; i <= 200; i += 1) {
        const why = wire.observe('canary', i % every === 0 ? 'error' : 'success')
        if (why !== undefined) return [i, why]
      }
      return undefined
    }
    expect(errorsOf(10)).toBeUndefined()
    expect(errorsOf(8)).toEqual([50, '6 errors in the last 50 canary requests'])
  })

  it('asks for the margin above the baseline too', () => {
    const wire = createTripwire(tripwire())
    for (let i = 0; i < 100; i += 1) wire.observe('baseline', i % 8 === 0 ? 'error' : 'success')
    const trips = Array.from({ length: 100 }, (_, i) => wire.observe('canary', i % 8 === 0 ? 'error' : 'success'))
    expect(trips.every((why) => why === undefined)).toBe(true)
  })

  it('forgets what is older than its window', () => {
    const wire = createTripwire(tripwire())
    feed(wire, 'canary', 'error', 5)
    expect(feed(wire, 'canary', 'success', 50)).toBeUndefined()
    expect(feed(wire, 'canary', 'error', 5)).toBeUndefined()
  })

  it("forgets the canary at a reset, and keeps the baseline's rate", () => {
    const wire = createTripwire(tripwire({ errorRate: 0.9 }))
    for (let i = 0; i < 100; i += 1) wire.observe('baseline', i % 2 === 0 ? 'error' : 'success')
    feed(wire, 'canary', 'error', 9)
    wire.reset()
    expect(feed(wire, 'canary', 'error', 49)).toBeUndefined()
  })

  it.each<[what: string, options: unknown, code: CanaryErrorCode]>([
    ['an unknown option', { rate: 0.1 }, 'UNKNOWN_OPTION'],
    ['an error rate of 0', { errorRate: 0 }, 'INVALID_OPTION'],
    ['an error rate in percent', { errorRate: 10 }, 'INVALID_OPTION'],
    ['an error rate of NaN', { errorRate: Number.NaN }, 'INVALID_OPTION'],
    ['a window of 0', { window: 0 }, 'INVALID_OPTION'],
    ['half a request', { consecutive: 1.5 }, 'INVALID_OPTION'],
    ['a margin in percent', { margin: 2 }, 'MARGIN_NOT_A_FRACTION'],
  ])('refuses %s', (_, options, code) => {
    expect(() => tripwire(options as object)).toThrow(expect.objectContaining({ code }))
  })
})
