import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BIN_COUNT,
  binHigh,
  binLow,
  binMiddle,
  binOf,
  countAbove,
  countInto,
  liveQuantilesUs,
  mergeBins,
  quantileUs,
  type SparseBins,
  sparseBinsOf,
  subtractBins,
  totalOf,
} from './histogram.js'

const EIGHTEEN_MINUTES_US = 2 ** 30

const binsOf = (durations: readonly number[]): SparseBins => sparseBinsOf(liveBinsOf(durations))

function liveBinsOf(durations: readonly number[]): Uint32Array {
  const bins = new Uint32Array(BIN_COUNT)
  for (const us of durations) countInto(bins, binOf(us))
  return bins
}

describe('the bins', () => {
  it('number 1,601: 128 of a microsecond, 23 octaves of 64, and one without an upper end', () => {
    expect(BIN_COUNT).toBe(1601)
    expect(binOf(EIGHTEEN_MINUTES_US - 1)).toBe(1599)
    expect(binOf(EIGHTEEN_MINUTES_US)).toBe(1600)
    expect(binHigh(1600)).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([
    [0, 0, 1],
    [127, 127, 128],
    [128, 128, 130],
    [191, 254, 256],
    [192, 256, 260],
    [255, 508, 512],
    [1599, 2 ** 30 - 2 ** 23, 2 ** 30],
    [1600, 2 ** 30, Number.POSITIVE_INFINITY],
  ])('bin %i holds %i µs up to below %i µs', (bin, low, high) => {
    expect([binLow(bin), binHigh(bin)]).toEqual([low, high])
  })

  it('lie edge to edge', () => {
    for (let bin = 0; bin < BIN_COUNT - 1; bin++) {
      expect(binOf(binLow(bin))).toBe(bin)
      expect(binOf(binHigh(bin) - 1)).toBe(bin)
    }
  })

  it.each([-1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 0.9])('put %d into bin 0', (us) => {
    expect(binOf(us)).toBe(0)
  })

  it.each([2 ** 31, 2 ** 40, 1e300, Number.POSITIVE_INFINITY])('put %d into the last bin', (us) => {
    expect(binOf(us)).toBe(1600)
  })

  it('answer for the last bin with its low end, which JSON can hold', () => {
    expect(binMiddle(1600)).toBe(1_073_741_824)
  })
})

describe('a live histogram', () => {
  it('stays full where it is full, rather than begin at 0 again', () => {
    const bins = new Uint32Array(BIN_COUNT)
    countInto(bins, 7, 4_294_967_294)
    countInto(bins, 7)
    countInto(bins, 7)
    expect(sparseBinsOf(bins)).toEqual([[7, 4_294_967_295]])
  })
})

describe('the list of a live histogram', () => {
  const counts = fc.array(fc.nat({ max: 3 }), { minLength: 40, maxLength: 40 })
  const liveOf = (counted: readonly number[]) => {
    const bins = new Uint32Array(BIN_COUNT)
    counted.forEach((count, bin) => {
      countInto(bins, bin, count)
    })
    return bins
  }

  it('is the same whatever list came before, and takes over the pairs that have not changed', () => {
    fc.assert(
      fc.property(counts, counts, (earlier, later) => {
        const before = sparseBinsOf(liveOf(earlier))
        const copy = structuredClone(before)
        const now = sparseBinsOf(liveOf(later), before)
        expect(now).toEqual(sparseBinsOf(liveOf(later)))
        expect(before).toEqual(copy)
        const alike = now.filter(([bin, count]) => earlier[bin] === count)
        expect(alike.every((pair) => before.includes(pair))).toBe(true)
        expect(sparseBinsOf(liveOf(later), before, totalOf(now))).toEqual(now)
      }),
    )
  })

  it('is the list before itself where all values are in its bins and none has been added', () => {
    const bins = liveOf([0, 2, 0, 1])
    const before = sparseBinsOf(bins)
    expect(sparseBinsOf(bins, before, 3)).toBe(before)
    countInto(bins, 3)
    const now = sparseBinsOf(bins, before, 4)
    expect(now).toEqual([
      [1, 2],
      [3, 2],
    ])
    expect(now[0]).toBe(before[0])
    countInto(bins, 9)
    expect(sparseBinsOf(bins, now, 5)).toEqual([
      [1, 2],
      [3, 2],
      [9, 1],
    ])
  })

  it('leaves out the bins before that are empty now, and finds those beside a full one', () => {
    expect(
      sparseBinsOf(
        liveOf([0, 3]),
        [
          [0, 3],
          [1, 1],
        ],
        3,
      ),
    ).toEqual([[1, 3]])
    expect(sparseBinsOf(liveOf([2 ** 32, 1]), [[0, 7]], 2 ** 32 + 1)).toEqual([
      [0, 2 ** 32 - 1],
      [1, 1],
    ])
  })
})

describe('quantileUs', () => {
  it('has nothing to say of an empty histogram', () => {
    expect(quantileUs([], 0.5)).toBeUndefined()
  })

  it('is exact below 128 µs', () => {
    const oneToHundred = binsOf(Array.from({ length: 100 }, (_, index) => index + 1))
    expect([0, 0.07, 0.5, 0.99, 1].map((q) => quantileUs(oneToHundred, q))).toEqual([1, 7, 50, 99, 100])
  })
})

describe('liveQuantilesUs', () => {
  it('is in the open bin, where most durations are', () => {
    const bins = liveBinsOf([1, 2 ** 31, 2 ** 32])
    expect(liveQuantilesUs([new Uint32Array(BIN_COUNT), bins], [0, 0.5, 1])).toEqual([
      1,
      EIGHTEEN_MINUTES_US,
      EIGHTEEN_MINUTES_US,
    ])
  })

  it('sums histograms that end before the last bin, at different bins', () => {
    const [short, long] = [new Uint32Array(11), new Uint32Array(BIN_COUNT)]
    countInto(short, 10)
    countInto(long, 20)
    countInto(long, 30)
    expect(liveQuantilesUs([short, long], [0, 0.5, 1])).toEqual([10, 20, 30])
  })

  it('has nothing to say without histograms', () => {
    expect(liveQuantilesUs([], [0.5, 0.99])).toEqual([undefined, undefined])
  })

  it('counts two full bins, of which the sum has more than 32 bits', () => {
    const [low, high] = [new Uint32Array(BIN_COUNT), new Uint32Array(BIN_COUNT)]
    countInto(low, 10, 2 ** 32 - 1)
    countInto(high, 20, 2 ** 32 - 1)
    expect(liveQuantilesUs([high, low], [0.49, 0.51])).toEqual([10, 20])
  })
})

describe('countAbove', () => {
  const bins = binsOf([10, 20, 128, 129, 130, 5_000, 2 ** 31])

  it('counts the durations at or above an edge', () => {
    expect([0, 20, 128, 130].map((us) => countAbove(bins, us))).toEqual([7, 6, 5, 3])
  })

  it('takes the next edge up for a threshold inside a bin', () => {
    expect(countAbove(bins, 129)).toBe(3)
  })

  it('holds what is beyond the range for above every threshold', () => {
    expect(countAbove(bins, 2 ** 33)).toBe(1)
  })
})

describe('subtractBins', () => {
  it.each<[SparseBins, SparseBins, SparseBins | undefined]>([
    [
      [
        [1, 3],
        [5, 2],
      ],
      [[1, 3]],
      [[5, 2]],
    ],
    [[[1, 3]], [[1, 4]], undefined],
    [[[1, 3]], [[2, 1]], undefined],
    [[[3, 3]], [[2, 1]], undefined],
    [[], [[2, 1]], undefined],
    [[[2, 1]], [], [[2, 1]]],
  ])('of %j after %j is %j', (now, before, block) => {
    expect(subtractBins(now, before)).toEqual(block)
  })
})

describe('properties', () => {
  const durationsUs = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 30 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
      .map(([octave, place]) => Math.floor(place * 2 ** octave)),
    { minLength: 1, maxLength: 200 },
  )
  const fraction = fc.double({ min: 0, max: 1, noNaN: true })

  it('a quantile is within 1 % of that of the sorted durations', () => {
    fc.assert(
      fc.property(durationsUs, fraction, (durations, q) => {
        const sorted = durations.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(q * sorted.length * (1 - 1e-12))) - 1]!
        expect(Math.abs(quantileUs(binsOf(durations), q)! - exact)).toBeLessThanOrEqual(exact * 0.01)
      }),
    )
  })

  it('quantiles of live histograms are those of their listed sum', () => {
    const part = fc.oneof(fc.constant<number[]>([]), durationsUs)
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.array(fraction), (parts, fractions) => {
        const rising = fractions.toSorted((a, b) => a - b)
        const sum = parts.map(binsOf).reduce(mergeBins, [])
        expect(liveQuantilesUs(parts.map(liveBinsOf), rising)).toEqual(rising.map((q) => quantileUs(sum, q)))
      }),
    )
  })

  it('the middle is within 1 % of both ends of every bin but the last', () => {
    for (let bin = 1; bin < BIN_COUNT - 1; bin++) {
      for (const end of [binLow(bin), binHigh(bin) - 1]) {
        expect(Math.abs(binMiddle(bin) - end) / end).toBeLessThanOrEqual(0.01)
      }
    }
  })

  it('merging equals counting everything into one histogram', () => {
    fc.assert(
      fc.property(durationsUs, durationsUs, (a, b) => {
        expect(mergeBins(binsOf(a), binsOf(b))).toEqual(binsOf([...a, ...b]))
      }),
    )
  })

  it('subtracting undoes merging', () => {
    fc.assert(
      fc.property(durationsUs, durationsUs, (a, b) => {
        expect(subtractBins(mergeBins(binsOf(a), binsOf(b)), binsOf(b))).toEqual(binsOf(a))
      }),
    )
  })

  it('totals and counts above an edge equal those of the list', () => {
    fc.assert(
      fc.property(durationsUs, fc.nat(BIN_COUNT - 1), (durations, bin) => {
        const edge = binLow(bin)
        expect(totalOf(binsOf(durations))).toBe(durations.length)
        expect(countAbove(binsOf(durations), edge)).toBe(durations.filter((us) => us >= edge).length)
      }),
    )
  })
})
