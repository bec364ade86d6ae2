import { describe, expect, it } from 'vitest'
import { BUCKET_COUNT, variantOf } from './bucket.js'
import { isApart, shareExcessMessage, shareExcessOf } from './share-excess.js'

/** Counts of requests by bucket, split at a weight. */
function countsOf(weight: number, requests: readonly (readonly [bucket: number, count: number])[]) {
  const counts = new Uint32Array(2 * BUCKET_COUNT)
  for (const [bucket, count] of requests) {
    counts[variantOf(bucket, weight) === 'canary' ? BUCKET_COUNT + bucket : bucket]! += count
  }
  return counts
}

const everybody = Array.from({ length: BUCKET_COUNT }, (_, bucket) => [bucket, 1] as const)

describe('isApart', () => {
  it.each([
    [7, 2, false],
    [7.1, 2, true],
    [5, 10, false],
    [15.1, 10, true],
    [34, 25, true],
    [33, 25, false],
    [75, 50, true],
    [25, 50, true],
    [66, 50, false],
    [47.5, 95, true],
    [91, 95, false],
  ])('of a share of %d at a weight of %d is %s', (share, weight, expected) => {
    expect(isApart(share, weight)).toBe(expected)
  })
})

describe('shareExcessOf', () => {
  it('finds the one key that half of all requests have, on the canary or on the baseline', () => {
    expect(shareExcessOf(countsOf(2, [...everybody, [137, 9_999]]), 2)).toEqual({
      share: expect.closeTo(50.995, 2),
      places: [137],
      placesShare: expect.closeTo(50, 1),
    })
    expect(shareExcessOf(countsOf(50, [...everybody, [9_000, 9_999]]), 50)).toMatchObject({ places: [9_000] })
  })

  it('finds several keys, the heaviest first', () => {
    const heavy = [
      [3, 2_000],
      [5, 3_000],
      [9, 2_500],
    ] as const
    expect(shareExcessOf(countsOf(10, [...everybody, ...heavy]), 10)).toMatchObject({ places: [5, 9, 3] })
  })

  it('names as many keys as account for half of the difference', () => {
    const heavy = [1, 2, 3, 4].map((bucket) => [bucket, 170 + bucket] as const)
    expect(shareExcessOf(countsOf(10, [...everybody, ...heavy]), 10)).toMatchObject({ places: [4, 3, 2] })
  })

  it('returns undefined if the heavy keys are split as the weight says', () => {
    const heavy = [
      [100, 5_000],
      [9_000, 5_000],
    ] as const
    expect(shareExcessOf(countsOf(50, [...everybody, ...heavy]), 50)).toBeUndefined()
  })

  it('returns undefined for fewer than a thousand requests', () => {
    expect(shareExcessOf(countsOf(10, [[0, 999]]), 10)).toBeUndefined()
    expect(shareExcessOf(countsOf(10, [[0, 1_000]]), 10)).toMatchObject({ share: 100, places: [0] })
  })

  it('returns undefined if more than five keys cause the difference', () => {
    const many = Array.from({ length: 40 }, (_, bucket) => [bucket, 100] as const)
    expect(shareExcessOf(countsOf(10, [...everybody, ...many]), 10)).toBeUndefined()
  })
})

it('names the cause and what to do', () => {
  expect(shareExcessMessage({ share: 50.52, places: [137], placesShare: 49.48 }, 2, true)).toBe(
    'the canary gets 50.5 % of the requests at a weight of 2 %, because one key (bucket 137) has 49.5 % of all of them: ' +
      'give each user a key of their own, or undefined if there is none',
  )
  expect(shareExcessMessage({ share: 5, places: [7, 9], placesShare: 60 }, 50, false)).toContain(
    'because 2 keys have 60 %',
  )
})
