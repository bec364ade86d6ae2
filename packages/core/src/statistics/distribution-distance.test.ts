import { seededRandom } from '@model-canary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hellinger, jensenShannon, populationStability, totalVariation } from './distribution-distance.js'

const DISTANCES = [
  ['totalVariation', totalVariation],
  ['populationStability', populationStability],
  ['jensenShannon', jensenShannon],
  ['hellinger', hellinger],
] as const

describe('two classes of 60/40 against 80/20', () => {
  it.each([
    ['totalVariation', totalVariation, 0.2],
    ['populationStability', populationStability, 0.1961658506023452],
    ['jensenShannon', jensenShannon, 0.02415725678117131],
    ['hellinger', hellinger, 0.1560030913085701],
  ])('are as far apart in %s as scipy says', (_name, distance, expected) => {
    expect(distance([0.6, 0.4], [0.8, 0.2])).toBeCloseTo(expected, 12)
    expect(distance([180, 120], [2_160, 540])).toBeCloseTo(expected, 12) // counts will do
  })
})

describe('a class that one side lacks', () => {
  it.each([
    ['totalVariation', totalVariation, 0.2],
    ['populationStability', populationStability, 1.586714848986705],
    ['jensenShannon', jensenShannon, 0.07768706679704628],
    ['hellinger', hellinger, 0.3292294362447538],
  ])('makes %s no infinity', (_name, distance, expected) => {
    expect(distance([0.5, 0.3, 0.2], [0.7, 0.3, 0])).toBeCloseTo(expected, 12)
  })

  it('is no class where both lack it', () => {
    for (const [, distance] of DISTANCES) {
      expect(distance([0.6, 0.4, 0], [0.8, 0.2, 0])).toBeCloseTo(distance([0.6, 0.4], [0.8, 0.2])!, 12)
    }
  })
})

describe.each(DISTANCES)('%s', (_name, distance) => {
  it('is unknown of an empty table', () => {
    expect(distance([0, 0], [3, 4])).toBeUndefined()
    expect(distance([3, 4], [0, 0])).toBeUndefined()
    expect(distance([], [])).toBeUndefined()
  })
})

describe('populationStability', () => {
  it('passes .1 in most samples of 100 against 900 from one distribution over ten bins', () => {
    const random = seededRandom(9)
    const sample = (size: number) => {
      const bins = Array.from({ length: 10 }, () => 0)
      for (let at = 0; at < size; at += 1) bins[Math.floor(10 * random())]! += 1
      return bins
    }
    const values = Array.from({ length: 2_000 }, () => populationStability(sample(100), sample(900))!)
    values.sort((a, b) => a - b)
    expect(values[1_900]).toBeGreaterThan(0.17) // the 95 % quantile is .188
    expect(values[1_900]).toBeLessThan(0.21)
  })
})

describe('properties', () => {
  const count = fc.integer({ min: 0, max: 100_000 })
  const tables = fc
    .integer({ min: 1, max: 12 })
    .chain((length) =>
      fc.tuple(
        fc.array(count, { minLength: length, maxLength: length }),
        fc.array(count, { minLength: length, maxLength: length }),
      ),
    )
    .filter((tables) => tables.every((table) => table.some((value) => value > 0)))

  it('is 0 between a table and itself, the same both ways, and unchanged by the number of observations', () => {
    fc.assert(
      fc.property(tables, ([one, other]) => {
        for (const [, distance] of DISTANCES) {
          expect(distance(one, one)).toBeCloseTo(0, 7)
          expect(distance(other, one)).toBeCloseTo(distance(one, other)!, 12)
          expect(
            distance(
              one.map((value) => 7 * value),
              other,
            ),
          ).toBeCloseTo(distance(one, other)!, 9)
        }
      }),
    )
  })

  it('keeps to its range, and to what is known between the distances', () => {
    fc.assert(
      fc.property(tables, ([one, other]) => {
        const moved = totalVariation(one, other)!
        const far = hellinger(one, other)!
        expect(moved).toBeLessThanOrEqual(1 + 1e-12)
        expect(far ** 2).toBeLessThanOrEqual(moved + 1e-12) // Le Cam: H² ≤ TV ≤ √2·H
        expect(moved).toBeLessThanOrEqual(Math.SQRT2 * far + 1e-7)
        expect(jensenShannon(one, other)!).toBeGreaterThanOrEqual(-1e-12)
        expect(jensenShannon(one, other)!).toBeLessThanOrEqual(Math.LN2 * moved + 1e-12) // Lin (1991), theorem 3
        expect(populationStability(one, other)!).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('shares no class, and all are at their largest', () => {
    expect(totalVariation([3, 0], [0, 5])).toBe(1)
    expect(hellinger([3, 0], [0, 5])).toBe(1)
    expect(jensenShannon([3, 0], [0, 5])).toBeCloseTo(Math.LN2, 14)
  })
})
