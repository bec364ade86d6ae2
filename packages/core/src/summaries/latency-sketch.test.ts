import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BIN_COUNT, mergeBins, quantileUs, type SparseBins, totalOf } from './histogram.js'
import {
  COARSEST_GRAIN,
  coarser,
  type LatencySketch,
  mergeSketches,
  quantileMs,
  SKETCH_BINS,
  sketchOf,
  subtractSketches,
} from './latency-sketch.js'

const binsUpTo = (last: number) =>
  fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: last }), fc.integer({ min: 1, max: 1_000_000 })), {
      selector: ([bin]) => bin,
      maxLength: 40,
    })
    .map((pairs): SparseBins => pairs.toSorted(([a], [b]) => a - b))

const anyBins = binsUpTo(BIN_COUNT - 1)
const quantile = fc.constantFrom(0.5, 0.95, 0.99)

/** Returns a sketch at a grain. */
const atGrain = (bins: SparseBins, grain: number): LatencySketch =>
  Array.from({ length: grain }).reduce<LatencySketch>(coarser, sketchOf(bins))

/** The factor between a quantile of a sketch and that of the histogram. */
const factorOf = (sketch: LatencySketch, bins: SparseBins, q: number): number =>
  Math.abs(Math.log2((quantileMs(sketch, q)! * 1_000) / Math.max(1, quantileUs(bins, q)!)))

describe('a sketch of latencies', () => {
  it('has no quantile without latencies', () => {
    expect(quantileMs(sketchOf([]), 0.5)).toBe(null)
  })

  it('keeps each quantile within half a bin: an eighth of an octave, 9 %, at grain 0', () => {
    fc.assert(
      fc.property(anyBins, quantile, fc.integer({ min: 0, max: 3 }), (bins, q, grain) => {
        fc.pre(bins.length > 0)
        expect(factorOf(atGrain(bins, grain), bins, q)).toBeLessThanOrEqual(2 ** grain / 16 + 1e-9)
      }),
    )
  })

  it('keeps every count, in ascending bins below the last', () => {
    fc.assert(
      fc.property(anyBins, fc.integer({ min: 0, max: COARSEST_GRAIN }), (latencies, grain) => {
        const { bins } = atGrain(latencies, grain)
        expect(totalOf(bins)).toBe(totalOf(latencies))
        expect(bins.every(([bin], at) => bin < SKETCH_BINS && (at === 0 || bin > bins[at - 1]![0]))).toBe(true)
      }),
    )
  })

  it('of a sum is the sum of the sketches, at any grains', () => {
    fc.assert(
      fc.property(anyBins, anyBins, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), (a, b, m, n) => {
        const sum = atGrain(mergeBins(a, b), Math.max(m, n))
        expect(mergeSketches(atGrain(a, m), atGrain(b, n))).toEqual(sum)
        expect(subtractSketches(sum, atGrain(a, m))).toEqual(atGrain(b, Math.max(m, n)))
      }),
    )
  })

  it('is not below an earlier one', () => {
    const [fewer, more] = [sketchOf([[40, 2]]), sketchOf([[40, 3]])]
    expect(subtractSketches(fewer, more)).toBe(undefined)
  })
})
