import { binMiddle, mergeBins, rankOf, type SparseBins, subtractBins, totalOf } from './histogram.js'

/** How many bins an octave has at the finest grain: each is 9 % wide. */
const BINS_PER_OCTAVE = 8

/** The number of bins at the finest grain: a live histogram ends at 2³⁰ µs. */
export const SKETCH_BINS = 30 * BINS_PER_OCTAVE + 1

/** The coarsest grain: all latencies are in two bins. */
export const COARSEST_GRAIN = 8

/**
 * A histogram of latencies for charts, with fewer bins than that of a judge. Plain JSON.
 *
 * At grain 0 a quantile is within 5 % of that of the histogram that it was made from. The bins of each further grain are
 * twice as wide on a scale of logarithms: then it is within 10 % at grain 1, and within 20 % at grain 2.
 */
export interface LatencySketch {
  readonly grain: number
  readonly bins: SparseBins
}

/** Returns the sketch of latencies by bin of a live histogram, in µs. */
export const sketchOf = (latencyBins: SparseBins): LatencySketch => ({
  grain: 0,
  bins: regrouped(latencyBins, (bin) => Math.floor(BINS_PER_OCTAVE * Math.log2(Math.max(1, binMiddle(bin))))),
})

/** Returns a sketch with bins that are twice as wide. */
export const coarser = ({ grain, bins }: LatencySketch): LatencySketch => ({
  grain: grain + 1,
  bins: regrouped(bins, (bin) => bin >> 1),
})

/** Returns the sum of two sketches, at the coarser one of their grains. */
export function mergeSketches(a: LatencySketch, b: LatencySketch): LatencySketch {
  const grain = Math.max(a.grain, b.grain)
  return { grain, bins: mergeBins(atGrain(a, grain).bins, atGrain(b, grain).bins) }
}

/** Returns the latencies since `before`, at the coarser one of their grains; `undefined` if a count fell. */
export function subtractSketches(now: LatencySketch, before: LatencySketch): LatencySketch | undefined {
  const grain = Math.max(now.grain, before.grain)
  const bins = subtractBins(atGrain(now, grain).bins, atGrain(before, grain).bins)
  return bins && { grain, bins }
}

/** Returns the q-quantile in milliseconds, by nearest rank; `null` without latencies. */
export function quantileMs({ grain, bins }: LatencySketch, q: number): number | null {
  const rank = rankOf(q, totalOf(bins))
  let seen = 0
  for (const [bin, count] of bins) {
    seen += count
    if (seen >= rank) return 2 ** (((bin + 0.5) * 2 ** grain) / BINS_PER_OCTAVE) / 1_000
  }
  return null
}

const atGrain = (sketch: LatencySketch, grain: number): LatencySketch =>
  sketch.grain < grain ? atGrain(coarser(sketch), grain) : sketch

/** Returns the counts in bins of which each holds neighbours. */
function regrouped(bins: SparseBins, binOf: (bin: number) => number): SparseBins {
  const grouped = new Map<number, number>()
  for (const [bin, count] of bins) grouped.set(binOf(bin), (grouped.get(binOf(bin)) ?? 0) + count)
  return [...grouped]
}
