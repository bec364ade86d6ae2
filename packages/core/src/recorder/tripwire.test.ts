import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { CanaryErrorCode } from '../foundation/errors.js'
import type { Outcome, Variant } from '../foundation/vocabulary.js'
import { createTripwire, type LiveTripwire } from './live-tripwire.js'
import { type Tripwire, tripwire } from './tripwire.js'

/** Lets so many requests of an arm end so; answers at which of them the wire tripped first, and why. */
function feed(
  wire: LiveTripwire,
  variant: Variant,
  outcome: Outcome,
  times: number,
): [at: number, why: string] | undefined {
  for (let at = 1; at <= times; at += 1) {
    const why = wire.record(variant, outcome)
    if (why !== undefined) return [at, why]
  }
  return undefined
}

/** A tripwire that has seen 100 baseline requests, so many of them errors. */
function wireAbove(errors: number, options: Partial<Tripwire> = {}): LiveTripwire {
  const wire = createTripwire(tripwire(options))
  feed(wire, 'baseline', 'success', 100 - errors)
  feed(wire, 'baseline', 'error', errors)
  return wire
}

/** Whether it trips on two versions that err alike, by so many requests of each. */
function tripsOnChance(errorRate: number, requests: number, seed: number): boolean {
  const random = seededRandom(seed)
  const outcome = (): Outcome => (random() < errorRate ? 'error' : 'success')
  const wire = createTripwire(tripwire())
  for (let i = 0; i < 500; i += 1) wire.record('baseline', outcome())
  for (let i = 0; i < requests; i += 1) {
    wire.record('baseline', outcome())
    if (wire.record('canary', outcome()) !== undefined) return true
  }
  return false
}

describe('a tripwire', () => {
  it('trips at the tenth request if all fail', () => {
    const wire = createTripwire(tripwire())
    feed(wire, 'baseline', 'success', 90)
    expect(feed(wire, 'canary', 'error', 50)).toEqual([10, '10 canary errors in a row'])
  })

  it('counts a timeout as an error, and ignores an aborted request', () => {
    expect(feed(createTripwire(tripwire()), 'canary', 'timeout', 50)?.[0]).toBe(10)
    const wire = createTripwire(tripwire())
    feed(wire, 'canary', 'error', 9)
    expect(feed(wire, 'canary', 'aborted', 1_000)).toBeUndefined()
    expect(feed(wire, 'canary', 'error', 1)?.[0]).toBe(1)
  })

  it('restarts the run of errors with every success', () => {
    const wire = createTripwire(tripwire({ errorRate: 1 }))
    for (let run = 0; run < 20; run += 1) {
      expect(feed(wire, 'canary', 'error', 9)).toBeUndefined()
      wire.record('canary', 'success')
    }
  })

  it('does not trip on a run of errors if the baseline fails in 40 % as well', () => {
    const wire = createTripwire(tripwire({ errorRate: 0.9, margin: 0.02 }))
    for (let i = 0; i < 500; i += 1) wire.record('baseline', i % 5 < 2 ? 'error' : 'success')
    expect(feed(wire, 'canary', 'error', 45)).toBeUndefined()
  })

  it('trips on a rate above 10 % over 50 requests, and not on one of exactly 10 %', () => {
    const errorsOf = (every: number) => {
      const wire = createTripwire(tripwire())
      for (let i = 1; i <= 200; i += 1) {
        const why = wire.record('canary', i % every === 0 ? 'error' : 'success')
        if (why !== undefined) return [i, why]
      }
      return undefined
    }
    expect(errorsOf(10)).toBeUndefined()
    expect(errorsOf(8)).toEqual([50, '6 errors in the last 50 canary requests'])
  })

  it.each<[percent: number, options: Partial<Tripwire>, errors: number]>([
    [1, {}, 7], // 0.114 is six; 50 · KL(0.12 ‖ 0.01) = 9.7 is chance, 50 · KL(0.14 ‖ 0.01) = 12.4 is not
    [2, {}, 9], // 0.159 is eight; 50 · KL(0.16 ‖ 0.02) = 10.2, 50 · KL(0.18 ‖ 0.02) = 12.5
    [5, {}, 13], // 0.05 + 0.02 + 6 · 0.0308 = 0.255
    [40, {}, 42], // 0.40 + 0.02 + 6 · 0.0693 = 0.836
    [55, {}, 50], // 0.55 + 0.02 + 6 · 0.0704 = 0.992
    [5, { margin: 0.1 }, 17], // 0.335
    [5, { errorRate: 0.3 }, 16], // the greater of 0.3 and 0.255
    [5, { requests: 200 }, 33], // 0.05 + 0.02 + 6 · 0.0154 = 0.162
  ])('exceeds chance where the baseline errs in %i percent: with %j it takes %i errors', (percent, options, errors) => {
    const wire = wireAbove(percent, options)
    feed(wire, 'canary', 'success', 200)
    const { requests } = tripwire(options)
    expect(feed(wire, 'canary', 'error', requests)).toEqual([
      errors,
      `${errors} errors in the last ${requests} canary requests`,
    ])
  })

  it.each([5, 40])(
    'trips within its first 50 requests of a total breakage where the baseline errs in %i percent',
    (percent) => {
      const why = '50 errors in the last 50 canary requests'
      expect(feed(wireAbove(percent), 'canary', 'error', 50)).toEqual([50, why])
    },
  )

  it('cannot trip on a rate if the baseline fails in 57 %', () => {
    expect(feed(wireAbove(57), 'canary', 'error', 1_000)).toBeUndefined()
  })

  it.each([0.01, 0.05])(
    'trips in under 0.2 % of runs of 1,000 requests where both versions err in a share of %d',
    (rate) => {
      const trips = Array.from({ length: 4_000 }, (_, seed) => tripsOnChance(rate, 1_000, seed)).filter(Boolean)
      expect(trips.length).toBeLessThan(8)
    },
  )

  it.each([
    [10, 1],
    [10, 0.6],
    [50, 1],
  ])(
    'does not take an outage of both for the canary’s: at a weight of %i, errors in %f of all requests',
    (weight, rate) => {
      for (let seed = 1; seed <= 20; seed += 1) {
        const random = seededRandom(seed)
        const wire = createTripwire(tripwire())
        const trips = (requests: number, errorRate: number): boolean => {
          for (let at = 0; at < requests; at += 1) {
            const variant = 100 * random() < weight ? 'canary' : 'baseline'
            if (wire.record(variant, random() < errorRate ? 'error' : 'success')) return true
          }
          return false
        }
        expect(trips(20_000, 0.01)).toBe(false)
        expect(trips(20_000, rate)).toBe(false)
      }
    },
  )

  it('trips on a canary that stays broken after an outage of both', () => {
    const wire = wireAbove(0)
    for (let at = 0; at < 100; at += 1) {
      expect(wire.record('baseline', 'error')).toBeUndefined()
      expect(wire.record('canary', 'error')).toBeUndefined()
    }
    wire.record('canary', 'success')
    let trippedAt = 0
    for (let at = 1; trippedAt === 0 && at <= 200; at += 1) {
      wire.record('baseline', 'success')
      if (wire.record('canary', 'error')) trippedAt = at
    }
    expect(trippedAt).toBe(23)
  })

  it('ignores requests before the last 50', () => {
    const wire = createTripwire(tripwire())
    feed(wire, 'canary', 'error', 5)
    expect(feed(wire, 'canary', 'success', 50)).toBeUndefined()
    expect(feed(wire, 'canary', 'error', 5)).toBeUndefined()
  })

  it("forgets the canary at a reset, and keeps the baseline's rate", () => {
    const wire = createTripwire(tripwire({ errorRate: 0.9 }))
    for (let i = 0; i < 100; i += 1) wire.record('baseline', i % 2 === 0 ? 'error' : 'success')
    feed(wire, 'canary', 'error', 9)
    wire.reset()
    expect(feed(wire, 'canary', 'error', 49)).toBeUndefined()
  })

  it.each<[what: string, options: unknown, code: CanaryErrorCode]>([
    ['an unknown option', { rate: 0.1 }, 'UNKNOWN_OPTION'],
    ['an error rate of 0', { errorRate: 0 }, 'INVALID_OPTION'],
    ['an error rate in percent', { errorRate: 10 }, 'INVALID_OPTION'],
    ['an error rate of NaN', { errorRate: Number.NaN }, 'INVALID_OPTION'],
    ['a number of requests of 0', { requests: 0 }, 'INVALID_OPTION'],
    ['half a request', { consecutive: 1.5 }, 'INVALID_OPTION'],
    ['a margin in percent', { margin: 2 }, 'MARGIN_NOT_A_FRACTION'],
  ])('refuses %s', (_, options, code) => {
    expect(() => tripwire(options as object)).toThrow(expect.objectContaining({ code }))
  })
})
