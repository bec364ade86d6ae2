import { addCounts, isZero, mergePairs, type SortedPairs, subtractCounts, subtractPairs } from './sorted-pairs.js'

/** Non-empty bins as `[bin, count]`, in ascending order. */
export type SparseBins = SortedPairs<number, number>

/** Each duration below this many microseconds has its own bin. */
const UNIT_BINS = 128

/** Every further octave is cut into this many bins of equal width: at most 1/128 from edge to middle. */
const BINS_PER_OCTAVE = 64

/** Durations from 2³⁰ µs (about 18 minutes) up share the last bin, which has no upper end. */
const RANGE_US = 2 ** 30

/** The number of bins: 128 of one microsecond, 23 octaves of 64, and an open one. */
export const BIN_COUNT = UNIT_BINS + 23 * BINS_PER_OCTAVE + 1

/** The largest count of a live bin, which does not wrap around. */
const FULL = 2 ** 32 - 1

/** Returns the bin of a duration in microseconds. Fractions are cut off; negative numbers and NaN are in bin 0. */
export function binOf(us: number): number {
  if (!(us >= 1)) return 0
  if (us >= RANGE_US) return BIN_COUNT - 1
  if (us < UNIT_BINS) return Math.floor(us)
  const shift = 25 - Math.clz32(us) // 1 in the octave that begins at 128
  return shift * BINS_PER_OCTAVE + (us >>> shift)
}

/** Returns the smallest whole number of microseconds in a bin. */
export function binLow(bin: number): number {
  if (bin < UNIT_BINS) return bin
  const shift = Math.floor(bin / BINS_PER_OCTAVE) - 1
  return ((bin % BINS_PER_OCTAVE) + BINS_PER_OCTAVE) * 2 ** shift
}

/** Returns the smallest whole number of microseconds above a bin; `Infinity` for the last one. */
export function binHigh(bin: number): number {
  return bin >= BIN_COUNT - 1 ? Number.POSITIVE_INFINITY : binLow(bin + 1)
}

/** Returns the first bin without durations below `us`; the open bin if there is no such bin. */
export function binFrom(us: number): number {
  const inside = binOf(us)
  return binLow(inside) >= us ? inside : Math.min(inside + 1, BIN_COUNT - 1)
}

/** Returns the middle of a bin, within 1 % of every whole duration in it; for the last bin, its lower end. */
export function binMiddle(bin: number): number {
  return MIDDLES[bin] ?? binLow(BIN_COUNT - 1)
}

const MIDDLES = /* @__PURE__ */ Float64Array.from({ length: BIN_COUNT }, (_, bin) =>
  bin >= BIN_COUNT - 1 ? binLow(bin) : (binLow(bin) + binHigh(bin) - 1) / 2,
)

/** Adds to a live histogram. A full bin stays full. */
export function countInto(bins: Uint32Array, bin: number, count = 1): void {
  bins[bin] = Math.min(bins[bin]! + count, FULL)
}

/**
 * Returns the JSON form of a live histogram. Pairs that have not changed since `before` are those of `before`, and so is
 * the list if none has changed.
 *
 * @param total the number of counted values: if the bins of `before` hold all of them, no other bin is looked at
 */
export function sparseBinsOf(bins: Uint32Array, before: SparseBins = [], total = Number.NaN): SparseBins {
  let outside = total
  let hasChanged = false
  for (const pair of before) {
    const count = bins[pair[0]]!
    outside -= count
    if (count !== pair[1]) hasChanged = true
  }
  if (outside !== 0) return listedBins(bins, before)
  return hasChanged ? before.map((pair) => pairNow(pair, bins)).filter(([, count]) => count > 0) : before
}

const pairNow = (pair: SparseBins[number], bins: Uint32Array): SparseBins[number] =>
  bins[pair[0]] === pair[1] ? pair : [pair[0], bins[pair[0]]!]

function listedBins(bins: Uint32Array, before: SparseBins): SparseBins {
  const sparse: (readonly [number, number])[] = []
  let at = 0
  for (let bin = 0; bin < bins.length; bin++) {
    const count = bins[bin]!
    if (count === 0) continue
    while (at < before.length && before[at]![0] < bin) at++
    const known = before[at]
    sparse.push(known !== undefined && known[0] === bin && known[1] === count ? known : [bin, count])
  }
  return sparse
}

/** Returns the sum of two histograms. */
export function mergeBins(a: SparseBins, b: SparseBins): SparseBins {
  return mergePairs(a, b, addCounts)
}

/** Returns the counts since `before`, or `undefined` if a count fell. */
export function subtractBins(now: SparseBins, before: SparseBins): SparseBins | undefined {
  return subtractPairs(now, before, subtractCounts, isZero)
}

/** Returns the number of durations in a histogram. */
export function totalOf(bins: SparseBins): number {
  let total = 0
  for (const pair of bins) total += pair[1]
  return total
}

/**
 * Returns the q-quantile in microseconds by nearest rank, within 1 % of the exact one; `undefined` if empty.
 *
 * @param q a fraction: 0.99 is the 99th percentile
 */
export function quantileUs(bins: SparseBins, q: number): number | undefined {
  const rank = rankOf(q, totalOf(bins))
  let seen = 0
  for (const [bin, count] of bins) {
    seen += count
    if (seen >= rank) return binMiddle(bin)
  }
  return undefined
}

/**
 * Returns the same quantiles of the sum of live histograms, each for a fraction that is not below the one before.
 * A histogram may end before the last bin.
 * Neither the sum nor a list of bins is made, so that the time does not depend on how many bins are filled.
 */
export function liveQuantilesUs(parts: readonly Uint32Array[], rising: readonly number[]): (number | undefined)[] {
  let total = 0
  for (const bins of parts) for (let bin = 0; bin < bins.length; bin++) total += bins[bin]!
  let seen = 0
  let next = 0 // the first bin that is not in `seen`
  return rising.map((q) => {
    if (total === 0) return undefined
    for (const rank = rankOf(q, total); seen < rank; next++) for (const bins of parts) seen += bins[next] ?? 0
    return binMiddle(next - 1)
  })
}

/** Returns the rank of a quantile, from 1. */
export const rankOf = (q: number, total: number): number => Math.max(1, Math.ceil(q * total * (1 - 1e-12))) // 0.07 · 100 is 7.000000000000001

/**
 * Returns the number of durations in bins that begin at or above `us`: exact if `us` is an edge of a bin,
 * otherwise as if it were the next higher edge. The open bin is above every threshold.
 */
export function countAbove(bins: SparseBins, us: number): number {
  const edge = Math.min(us, RANGE_US)
  let count = 0
  for (let at = bins.length - 1; at >= 0 && binLow(bins[at]![0]) >= edge; at--) count += bins[at]![1]
  return count
}
