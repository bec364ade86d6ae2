import { OUTCOMES } from '../foundation/vocabulary.js'
import type { Moments } from '../statistics/moments.js'
import { answersOf } from './answer-counts.js'
import { BIN_COUNT, type SparseBins } from './histogram.js'
import type { NameTable } from './name-table.js'
import { PLAIN_COUNTS } from './packed-counts.js'
import { SCORE_BIN_COUNT } from './score-bins.js'
import type { SortedPairs } from './sorted-pairs.js'
import { outcomesOf, type Summary, withLeftOut, withScoreBins } from './summary.js'

/** Where the counts of an arm are in an array, in the order in which they are packed. */
export const CELLS = /* @__PURE__ */ layoutOf(PLAIN_COUNTS)

function layoutOf(latency: number) {
  const blocked = latency + 3
  const score = blocked + 3
  const bareScores = score + 3
  const latencyBins = bareScores + 1
  const pendingBins = latencyBins + BIN_COUNT
  const scoreBins = pendingBins + BIN_COUNT
  return {
    ...{ latency, blocked, score },
    /** How many packed counts had scores without their bins. */
    bareScores,
    ...{ latencyBins, pendingBins, scoreBins },
    /** The moments of the metrics by slot, then those of all further metrics, then the counts of the labels likewise. */
    metrics: scoreBins + SCORE_BIN_COUNT,
  }
}

/** The names whose counts are kept, by slot. */
export interface KeptNames {
  readonly labels: NameTable
  readonly metrics: NameTable
}

/** Returns where the counts of the labels begin. */
export const labelsFrom = ({ metrics }: KeptNames): number => CELLS.metrics + 3 * (metrics.capacity + 1)

/** Returns how many cells an arm has. */
export const cellsOf = (names: KeptNames): number => labelsFrom(names) + names.labels.capacity + 1

/** Returns the summary of an arm. */
export function summaryIn(cells: Float64Array, names: KeptNames): Summary {
  const outcomes = 2
  const answers = outcomes + OUTCOMES.length
  const callers = answers + ANSWERS.length
  const labels = labelsFrom(names)
  const summary = {
    begun: cells[0]!,
    outcomes: outcomesOf((outcome) => cells[outcomes + OUTCOMES.indexOf(outcome)]!),
    answers: answersOf((name) => cells[answers + ANSWERS.indexOf(name)]!),
    rejections: { callers: cells[callers]!, rejected: cells[callers + 1]! },
    latencyUs: momentsAt(cells, CELLS.latency),
    latencyBins: binsIn(cells.subarray(CELLS.latencyBins, CELLS.pendingBins)),
    blockedUs: momentsAt(cells, CELLS.blocked),
    pendingBins: binsIn(cells.subarray(CELLS.pendingBins, CELLS.scoreBins)),
    predictions: {
      labels: pairsOf(names.labels, (slot) => cells[labels + slot]!, isCounted),
      other: cells[callers + 2]! + cells[labels + names.labels.capacity]!,
    },
    score: momentsAt(cells, CELLS.score),
    metrics: pairsOf(
      names.metrics,
      (slot) => momentsAt(cells, CELLS.metrics + 3 * slot),
      ({ count }) => isCounted(count),
    ),
  }
  const scoreBins = cells[CELLS.bareScores] === 0 ? binsIn(cells.subarray(CELLS.scoreBins, CELLS.metrics)) : []
  return withLeftOut(withScoreBins(summary, scoreBins), cells[1]!)
}

const ANSWERS = ['decided', 'unanswered', 'ended', 'leftEarly'] as const

const isCounted = (count: number): boolean => count > 0

const momentsAt = (cells: Float64Array, at: number): Moments => ({
  count: cells[at]!,
  sum: cells[at + 1]!,
  sumOfSquares: cells[at + 2]!,
})

function binsIn(cells: Float64Array): SparseBins {
  const bins: [number, number][] = []
  for (let bin = 0; bin < cells.length; bin++) if (cells[bin]! > 0) bins.push([bin, cells[bin]!])
  return bins
}

function pairsOf<Content>(
  { names, rising }: NameTable,
  contentOf: (slot: number) => Content,
  isKept: (content: Content) => boolean,
): SortedPairs<string, Content> {
  return rising.map((slot) => [names[slot]!, contentOf(slot)] as const).filter(([, content]) => isKept(content))
}
