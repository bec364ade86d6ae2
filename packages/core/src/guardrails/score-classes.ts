import type { Moments } from '../statistics/moments.js'
import { total } from '../statistics/total.js'
import { addLists } from '../summaries/counts-by-place.js'
import { type SparseBins, totalOf } from '../summaries/histogram.js'
import { SCORE_BIN_COUNT, scoreBinLow } from '../summaries/score-bins.js'
import { type Summary, scoreBinsOf } from '../summaries/summary.js'
import { bernoulli } from './compare-means.js'
import { figure } from './figures.js'
import type { Classes, Statistic } from './hypothesis.js'

/** The number of classes of equal size that the scores are cut into. */
const CLASSES = 10

/**
 * Returns the first bins of all classes but the lowest: tenths of the baseline's scores, as far as its bins can tell
 * them apart.
 */
export function edgesOf(bins: SparseBins): readonly number[] {
  const total = totalOf(bins)
  const edges: number[] = []
  let seen = 0
  bins.forEach(([, count], at) => {
    const before = Math.floor((CLASSES * seen) / total + 1e-9)
    seen += count
    const next = bins[at + 1]
    if (next !== undefined && Math.floor((CLASSES * seen) / total + 1e-9) > before) edges.push(next[0])
  })
  return edges
}

/**
 * Returns the classes between these edges. A summary without bins has no scores in any of them.
 *
 * @param idAt returns the id of a class by its place
 */
export function scoreClassesOf(edges: readonly number[], idAt: (place: number) => string): Classes {
  const lows = edges.map((bin) => figure(scoreBinLow(bin)))
  const names = [
    `scores below ${lows[0]}`,
    ...lows.slice(1).map((high, at) => `scores from ${lows[at]} to ${high}`),
    `scores from ${lows.at(-1)}`,
  ]
  return {
    subject: 'scores',
    names,
    ids: names.map((_, place) => idAt(place)),
    byUser: names.map((_, place) => scoresByUser(edges, [place])),
    countsOf: (summary) => countsIn(edges, scoreBinsOf(summary) ?? []),
  }
}

/** Returns the scores in some of the classes by user. Strata must have counted the same classes. */
function scoresByUser(edges: readonly number[], places: readonly number[]): NonNullable<Statistic['byUser']> {
  return {
    needs: { scoreEdges: edges },
    sumsOf({ form, score, scoreClasses }) {
      const isSame =
        form?.scoreEdges?.length === edges.length && edges.every((edge, at) => edge === form.scoreEdges?.[at])
      if (!isSame || score === undefined || scoreClasses === undefined) return undefined
      return [score[0], places.map((place) => scoreClasses[place]!).reduce(addLists)]
    },
  }
}

/** Returns the places of the lower half of the classes. */
const lowerHalf = (edges: readonly number[]): readonly number[] =>
  Array.from({ length: Math.ceil((edges.length + 1) / 2) }, (_, place) => place)

/** Returns the scores in the lower half of the classes by user. */
export const lowerHalfByUser = (edges: readonly number[]): NonNullable<Statistic['byUser']> =>
  scoresByUser(edges, lowerHalf(edges))

/** Returns the moments of "the score is in the lower half of the classes". */
export function lowerHalfOf(edges: readonly number[], summary: Summary): Moments {
  const counts = countsIn(edges, scoreBinsOf(summary) ?? [])
  return bernoulli(total(lowerHalf(edges).map((place) => counts[place]!)), total(counts))
}

/**
 * Returns the total variation that the classes would show if every score moved by `shift`, up or down, whichever is
 * more. Scores are taken as spread evenly over their bin.
 */
export function variationOfShift(edges: readonly number[], bins: SparseBins, shift: number): number {
  const all = totalOf(bins)
  const below = edges.map((edge) => shareBelow(bins, scoreBinLow(edge), all))
  const variation = (by: number) => {
    const moved = edges.map((edge) => shareBelow(bins, scoreBinLow(edge) - by, all))
    const gains = [...below, 1].map((known, at) => {
      const before = known - (below[at - 1] ?? 0)
      const after = (moved[at] ?? 1) - (moved[at - 1] ?? 0)
      return Math.max(0, after - before)
    })
    return total(gains)
  }
  return Math.max(variation(shift), variation(-shift))
}

/** Returns the share of scores below a value. */
function shareBelow(bins: SparseBins, value: number, total: number): number {
  return (
    bins.reduce((count, [bin, each]) => {
      const low = scoreBinLow(bin)
      const high = bin + 1 < SCORE_BIN_COUNT ? scoreBinLow(bin + 1) : low
      if (value >= high) return count + each
      return value <= low || !Number.isFinite(low) ? count : count + (each * (value - low)) / (high - low)
    }, 0) / total
  )
}

function countsIn(edges: readonly number[], bins: SparseBins): readonly number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  let place = 0
  for (const [bin, count] of bins) {
    while (place < edges.length && bin >= edges[place]!) place += 1
    counts[place]! += count
  }
  return counts
}
