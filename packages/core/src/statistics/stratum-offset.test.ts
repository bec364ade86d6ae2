import { seededRandom } from '@model-canary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomial } from '../judging/evidence/evidence.fixture.js'
import { type StratumPast, type StratumSums, slackOf, stratumFigures, stratumOffset } from './stratum-offset.js'

const STRATA = 100

const strata = <Value>(make: (stratum: number) => Value): readonly Value[] =>
  Array.from({ length: STRATA }, (_, at) => make(at))

const flat = (count: number) => strata(() => count)

/** One generation in which each stratum fails at its own rate. */
function generation(random: () => number, requests: number, rates: readonly number[]): StratumSums {
  return [flat(requests), rates.map((rate) => binomial(random, requests, rate))]
}

/** Rates around 2 %; one stratum in ten fails at 12 %. */
const unlike = (random: () => number) => strata(() => (random() < 0.1 ? 0.12 : 0.01))

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Returns the offset, and the slack when the past is this old. */
function offsetAt(
  past: StratumPast,
  { weight, elapsedRatio }: { readonly weight: number; readonly elapsedRatio: number },
) {
  const given = stratumOffset(past, weight)
  return typeof given === 'string' ? given : { offset: given.offset, slack: slackOf(given, elapsedRatio) }
}

const found = (given: ReturnType<typeof offsetAt>) => {
  if (typeof given === 'string') throw new Error(given)
  return given
}

describe('the figures of an offset', () => {
  it('are those of an independent computation', () => {
    // (100, 200, 150, 50) requests with (2, 2, 6, 1) hits, in two generations
    const older: StratumSums = [
      [50, 100, 75, 25],
      [2, 1, 3, 0],
    ]
    const newer: StratumSums = [
      [50, 100, 75, 25],
      [0, 1, 3, 1],
    ]
    const figures = stratumFigures({ older, newer }, 1)
    expect(figures.rate).toBeCloseTo(0.022, 14)
    expect(figures.excess).toBeCloseTo(5.24e-5, 14)
    expect(figures.chance).toBeCloseTo(4.3032e-5, 14)
    expect(figures.raw).toBeCloseTo(-0.0025, 14)
    expect(figures.priorVariance).toBeCloseTo(2.6895e-4, 14)
    expect(figures.splitVariance).toBeCloseTo(4.996266666667e-5, 14)
    expect(figures.shrinkage).toBeCloseTo(0.15666567, 8)
    expect(figures.shrunkVariance).toBeCloseTo(4.2135232e-5, 11)
    expect(figures.offset).toBeCloseTo(-0.0025 * 0.15666567, 10)
    // S_eff is 250,000/75,000: 4.3032e-5·(1 + 2√(2/2.3333…)), so that the excess is attributed to chance
    expect(figures.mostByChance).toBeCloseTo(1.2271178e-4, 11)
  })

  it('of a mean take the variance of one value', () => {
    const past = {
      older: [
        [10, 10],
        [100, 120],
      ],
      newer: [
        [10, 10],
        [100, 120],
      ],
      variance: 4,
    } as const
    const figures = stratumFigures(past, 1)
    expect(figures).toMatchObject({ rate: 11, raw: -2, chance: 0.1, priorVariance: expect.closeTo(0.4, 12) })
    expect(figures.excess).toBeCloseTo((2 * 20 ** 2) / 40 ** 2, 12) // each is 20 off the 220 of the mean
  })

  it('have the drift of the strata and one standard error of it', () => {
    // 2 % of 1,000 in both generations; two of the ten strata move
    const hits = (first: number, second: number) => [first, second, ...Array.from({ length: 8 }, () => 1.5)]
    const counts = Array.from({ length: 10 }, () => 100)
    const driftOf = (older: readonly number[], newer: readonly number[]) =>
      stratumFigures({ older: [counts, older], newer: [counts, newer] }, 5).drift
    const byChanceAt = (rate: number) => (rate * 0.96 + 0.02 ** 2) * 2 * (100 / 1_000 ** 2)
    const [moving, calm] = [byChanceAt(0.04), byChanceAt(0.015)]
    const least = Math.sqrt(2 * 2 * moving ** 2 + 8 * 2 * calm ** 2)
    // A²(d − d̄)² is .1²·.03², twice: so little that the error is that of strata which did not move
    const little = 2 * 0.003 ** 2
    expect(4 * moving * little).toBeLessThan(2 * least ** 2)
    expect(driftOf(hits(5.5, 2.5), hits(2.5, 5.5))).toBeCloseTo(least / 0.25, 12)
    expect(driftOf(hits(4, 4), hits(4, 4))).toBeCloseTo(least / 0.25, 12)

    const much = 2 * 0.008 ** 2
    const error = Math.sqrt(4 * moving * much - least ** 2)
    expect(driftOf(hits(8, 0), hits(0, 8))).toBeCloseTo((much - 2 * moving - 8 * calm + error) / 0.25, 12)
  })
})

describe('the drift of a split', () => {
  const requests: readonly number[] = strata((at) => (at === 99 ? 2_000 : 100))
  /** Every stratum has 2 % hits; that at `moving` has this many more in the newer generation. */
  const driftAt = (
    weight: number,
    { moving, by, counts = requests }: { moving: number; by: number; counts?: typeof requests },
  ) => {
    const hits = counts.map((count) => count / 50)
    const moved = hits.map((hit, at) => (at === moving ? hit + by : hit))
    return stratumFigures({ older: [counts, hits], newer: [counts, moved] }, weight).drift
  }

  it('is less in an arm that is large: a heavy user of the baseline moves its rate by less', () => {
    const inBaseline = driftAt(10, { moving: 99, by: 200 })
    const turned = requests.toReversed()
    const inCanary = driftAt(10, { moving: 0, by: 200, counts: turned })
    expect(Math.sqrt(inBaseline)).toBeCloseTo(200 / 10_900, 2) // the baseline has 10,900 requests
    expect(inCanary).toBeGreaterThan(10 * inBaseline)
  })

  it('is that of a random split if the strata have equal traffic, unless few of them moved, and in the baseline', () => {
    const counts = flat(100)
    const calm = driftAt(10, { moving: 50, by: 0, counts })
    const byChance = 0.02 * 0.98 * 2 * (100 / 10_000 ** 2)
    expect(calm).toBeCloseTo(Math.sqrt(100 * 2 * byChance ** 2) / 0.09, 12)
    expect(driftAt(10, { moving: 50, by: 40, counts })).toBeLessThan(0.3 * driftAt(10, { moving: 5, by: 40, counts }))
  })
})

describe('no offset can be had', () => {
  const past: StratumSums = [flat(100), flat(2)]
  const split = { weight: 10, elapsedRatio: 0 }

  it('without two generations that have requests', () => {
    const none: StratumSums = [flat(0), flat(0)]
    expect(offsetAt({ older: null, newer: past }, split)).toBe('no past')
    expect(offsetAt({ older: past, newer: null }, split)).toBe('no past')
    expect(offsetAt({ older: none, newer: past }, split)).toBe('no past')
    expect(offsetAt({ older: past, newer: none }, split)).toBe('no past')
    expect(offsetAt({ older: past, newer: past }, split)).not.toBe('no past')
  })

  it.each([
    [0, 'too few strata'],
    [1, { offset: 0, slack: 0 }],
    [2, { offset: 0, slack: 0 }],
    [7.5, 'too few strata'],
    [29, { offset: 0, slack: 0 }], // 100 · .29 is 28.999999999999996
    [95, { offset: 0, slack: 0 }],
    [96, 'too few strata'],
    [100, 'too few strata'],
  ])('at a weight of %s, unless the canary has a whole stratum and the baseline five', (weight, expected) => {
    expect(offsetAt({ older: past, newer: past }, { ...split, weight })).toEqual(expected)
  })

  it('if a weight has strata, but too few of them have requests', () => {
    const sparse = (isFilled: (stratum: number) => boolean): StratumSums => [
      strata((at) => (isFilled(at) ? 100 : 0)),
      flat(0),
    ]
    const filled = (canary: number, baseline: number, weight: number) => {
      const past = sparse((at) => (at < weight ? at < canary : at - weight < baseline))
      return offsetAt({ older: past, newer: past }, { ...split, weight })
    }
    expect(filled(0, 80, 20)).toBe('too few strata')
    expect(filled(1, 80, 20)).toEqual({ offset: 0, slack: 0 })
    expect(filled(20, 4, 20)).toBe('too few strata')
    expect(filled(20, 5, 20)).toEqual({ offset: 0, slack: 0 })
  })
})

describe('few users with most of the requests', () => {
  it('have the whole difference as their offset, and all that chance leaves of it as its error', () => {
    // one of `most` and 99 of 100: with 3,800 it is 13,700² / (3,800² + 99·100²) = 12.2, with 6,000 it is 6.9
    const heavy = (most: number): StratumSums => {
      const counts = strata((at) => (at === 5 ? most : 100))
      return [counts, counts.map((count, at) => (at === 5 ? 0.03 : 0.01) * count)]
    }
    const with_ = (most: number) => {
      const past = { older: heavy(most), newer: heavy(most) }
      return { given: stratumOffset(past, 10), figures: stratumFigures(past, 10) }
    }
    const few = with_(6_000)
    expect(few.given).toMatchObject({ offset: few.figures.raw, variance: few.figures.priorVariance })
    expect(few.figures.raw).toBeCloseTo((180 + 9) / 6_900 - 0.01, 12)
    const many = with_(3_800)
    expect(many.given).toMatchObject({ offset: many.figures.offset, variance: many.figures.shrunkVariance })
    expect(many.figures.offset).toBeLessThan(many.figures.raw)
  })

  it.each([5, 50])('are within the slack of what they go on to do, with the heaviest at stratum %i', (place) => {
    const random = seededRandom(3)
    const weight = 10
    const counts = strata((at) => (at === place ? 36_000 : 240)) // 60 % of 50 requests a second in 20 minutes
    const rates = strata((at) => (at === place ? 0.03 : 0.01))
    const past = (): StratumSums => [
      counts.map((count) => count / 2),
      counts.map((count, at) =>
        Array.from({ length: count / 120 }, () => binomial(random, 60, rates[at]!)).reduce((a, b) => a + b, 0),
      ),
    ]
    const rateOf = (from: number, to: number) =>
      counts.slice(from, to).reduce((sum, count, at) => sum + count * rates[from + at]!, 0) /
      counts.slice(from, to).reduce((sum, count) => sum + count, 0)
    const truth = rateOf(0, weight) - rateOf(weight, STRATA)
    const misses = Array.from({ length: 200 }, () => {
      const { offset, slack } = found(offsetAt({ older: past(), newer: past() }, { weight, elapsedRatio: 1 }))
      return Math.abs(offset - truth) > 3.3 * slack || slack > 0.01
    })
    expect(misses.filter(Boolean)).toHaveLength(0)
  })
})

describe('users who do not differ', () => {
  it('have no offset and no slack, but for chance', () => {
    const random = seededRandom(1)
    const offsets = Array.from({ length: 200 }, () => {
      const past = () => generation(random, 300, flat(0.02))
      return found(offsetAt({ older: past(), newer: past() }, { weight: 10, elapsedRatio: 5 }))
    })
    // q is beyond two standard deviations in about 3 % of the pasts
    expect(offsets.filter(({ slack }) => slack > 0).length).toBeLessThanOrEqual(14)
  })

  it('may have no hits at all, or only hits', () => {
    for (const hits of [0, 100]) {
      const past: StratumSums = [flat(100), flat(hits)]
      const same = offsetAt({ older: past, newer: past }, { weight: 10, elapsedRatio: 1 })
      expect(same).toEqual({ offset: 0, slack: 0 })
    }
  })
})

describe('users who differ', () => {
  /** How far the arms are apart by their users, what was said about it, and how far it was off. */
  function studied(seed: number, drifted: (rate: number, random: () => number) => number, elapsedRatio = 1) {
    const random = seededRandom(seed)
    const [before, between] = [unlike(random), strata(random)]
    const after = before.map((rate, at) => drifted(rate, () => between[at]!))
    const past = { older: generation(random, 300, before), newer: generation(random, 300, after) }
    const truth = meanOf(after.slice(0, 10)) - meanOf(after.slice(10))
    const { offset, slack } = found(offsetAt(past, { weight: 10, elapsedRatio }))
    return { truth, offset, slack, error: Math.abs(truth - offset) }
  }

  const seeds = Array.from({ length: 300 }, (_, seed) => seed + 1)

  it('are told apart: the offset takes most of their difference', () => {
    const all = seeds.map((seed) => studied(seed, (rate) => rate))
    const rms = (values: readonly number[]) => Math.sqrt(meanOf(values.map((value) => value ** 2)))
    expect(rms(all.map(({ truth }) => truth))).toBeGreaterThan(0.009) // users alone look like a point of harm
    expect(rms(all.map(({ error }) => error))).toBeLessThan(0.0025)
  })

  it('leave an error that the slack describes', () => {
    const all = seeds.map((seed) => studied(seed, (rate) => rate))
    expect(all.every(({ slack }) => slack > 0)).toBe(true)
    expect(all.filter(({ error, slack }) => error > 3.29 * slack)).toEqual([])
    expect(all.filter(({ error, slack }) => error > slack).length).toBeLessThan(0.32 * all.length)
  })

  it('who change their ways widen the slack', () => {
    const all = seeds.map((seed) => studied(seed, (rate, random) => (random() < 0.1 ? 0.13 - rate : rate)))
    const calm = seeds.map((seed) => studied(seed, (rate) => rate))
    expect(meanOf(all.map(({ slack }) => slack))).toBeGreaterThan(2 * meanOf(calm.map(({ slack }) => slack)))
    expect(all.filter(({ error, slack }) => error > 3.29 * slack)).toEqual([])
  })

  it('have a slack that grows with the age of the past, from the distance of its generations on', () => {
    const slackAt = (elapsedRatio: number) => studied(1, (rate) => rate, elapsedRatio).slack
    expect(slackAt(0)).toBe(slackAt(1))
    const perRatio = slackAt(2) ** 2 - slackAt(1) ** 2
    expect(perRatio).toBeGreaterThan(0)
    expect(slackAt(1.5) ** 2 - slackAt(1) ** 2).toBeCloseTo(perRatio / 2, 12)
  })

  it('have a slack that ends where the users were all replaced', () => {
    const random = seededRandom(2)
    const rates = unlike(random)
    const past = { older: generation(random, 300, rates), newer: generation(random, 300, rates) }
    const { splitVariance, shrunkVariance, drift } = stratumFigures(past, 10)
    expect(drift).toBeLessThan(splitVariance)
    const ages = [1e3, 1e6].map((elapsedRatio) => found(offsetAt(past, { weight: 10, elapsedRatio })).slack)
    expect(ages).toEqual([0, 0].map(() => expect.closeTo(Math.sqrt(shrunkVariance + 4 * splitVariance), 12)))
  })
})

describe('properties', () => {
  const pasts = fc
    .tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 20, max: 400 }), fc.integer({ min: 5, max: 95 }))
    .map(([seed, requests, weight]) => {
      const random = seededRandom(seed)
      const rates = unlike(random)
      const past = { older: generation(random, requests, rates), newer: generation(random, requests, rates) }
      return { past, split: { weight, elapsedRatio: 3 * random() } }
    })

  const expectNear = (one: ReturnType<typeof found>, other: ReturnType<typeof found>) => {
    expect(one.offset).toBeCloseTo(other.offset, 10)
    expect(one.slack).toBeCloseTo(other.slack, 8)
  }

  const changed = ([counts, sums]: StratumSums, to: (sum: number, count: number) => number): StratumSums => [
    counts,
    sums.map((sum, at) => to(sum, counts[at]!)),
  ]

  it('what is not hit has the opposite offset and the same slack', () => {
    fc.assert(
      fc.property(pasts, ({ past: { older, newer }, split }) => {
        const misses = { older: changed(older, (x, n) => n - x), newer: changed(newer, (x, n) => n - x) }
        const { offset, slack } = found(offsetAt({ older, newer }, split))
        expectNear(found(offsetAt(misses, split)), { offset: -offset, slack })
      }),
    )
  })

  it('another unit of a mean changes both in proportion, and another zero neither', () => {
    fc.assert(
      fc.property(pasts, fc.double({ min: 0.01, max: 100, noNaN: true }), ({ past: { older, newer }, split }, unit) => {
        const variance = 0.05
        const { offset, slack } = found(offsetAt({ older, newer, variance }, split))
        const scaled = { older: changed(older, (x) => unit * x), newer: changed(newer, (x) => unit * x) }
        const inUnit = found(offsetAt({ ...scaled, variance: variance * unit ** 2 }, split))
        expectNear({ offset: inUnit.offset / unit, slack: inUnit.slack / unit }, { offset, slack })
        const moved = { older: changed(older, (x, n) => x + 7 * n), newer: changed(newer, (x, n) => x + 7 * n) }
        expectNear(found(offsetAt({ ...moved, variance }, split)), { offset, slack })
      }),
    )
  })

  it('the offset lies between 0 and the difference of the past', () => {
    fc.assert(
      fc.property(pasts, ({ past, split }) => {
        const { offset } = found(offsetAt(past, split))
        const { raw } = stratumFigures(past, split.weight)
        expect(Math.abs(offset)).toBeLessThanOrEqual(Math.abs(raw))
        expect(offset * raw).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('the order of the strata within an arm does not matter', () => {
    fc.assert(
      fc.property(pasts, ({ past: { older, newer }, split }) => {
        const turned = (values: readonly number[]) => [
          ...values.slice(0, split.weight).toReversed(),
          ...values.slice(split.weight).toReversed(),
        ]
        const turn = ([counts, sums]: StratumSums): StratumSums => [turned(counts), turned(sums)]
        const other = offsetAt({ older: turn(older), newer: turn(newer) }, split)
        expectNear(found(other), found(offsetAt({ older, newer }, split)))
      }),
    )
  })
})
