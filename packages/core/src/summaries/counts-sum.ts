import { type ByVariant, VARIANTS } from '../foundation/vocabulary.js'
import { LARGEST_VALUE } from '../statistics/moments.js'
import { addBatch, beginBatch, type CellBatch, createCellBatch, putInto } from './cell-batch.js'
import { CELLS, cellsOf, type KeptNames, labelsFrom, summaryIn } from './counts-layout.js'
import { BIN_COUNT } from './histogram.js'
import { createNameTable } from './name-table.js'
import { readBins } from './packed-bins.js'
import { COUNTS_FORM, PLAIN_COUNTS } from './packed-counts.js'
import { SCORE_BIN_COUNT } from './score-bins.js'
import type { Summary } from './summary.js'
import {
  areRising,
  createTextReader,
  isComplete,
  openText,
  readCount,
  readNames,
  readNumber,
  refuse,
  type TextReader,
} from './text-reader.js'

/** The names that a sum keeps. Plain JSON. */
export interface SummedNames {
  /** The labels of predictions, in the order in which they came. */
  readonly labels: readonly string[]
  /** The names of metrics, in the order in which they came. */
  readonly metrics: readonly string[]
}

/** Options of a sum of packed counts. */
export interface CountsSumOptions {
  /** The number of labels that are counted one by one: the first that come. All further ones are in `other`. */
  readonly maxLabels: number
  /** The number of metrics: the first that come. All further ones are left out. */
  readonly maxMetrics: number
  /** The names that an earlier sum kept. With them, counts do not fall when another process goes on with the sum. */
  readonly names?: SummedNames
}

/** The sum of the packed counts of several processes. */
export interface CountsSum {
  /**
   * Adds packed counts. Returns false, and changes nothing, if they cannot be read: they are damaged, of another form,
   * or beyond all that a process can count. It never throws.
   */
  add(text: string): boolean
  /** Returns the sum of each arm, as `mergeSummaries` would give it. */
  counts(): ByVariant<Summary>
  /** Begins a new sum. The names stay, so that the counts of none of them falls because others come first. */
  clear(): void
  /** Returns the names that are kept, for the process that goes on with the sum. */
  names(): SummedNames
}

/** Creates an empty sum. It adds packed counts without building a summary for each. */
export function createCountsSum({ maxLabels, maxMetrics, names }: CountsSumOptions): CountsSum {
  const kept = {
    labels: createNameTable(maxLabels, names?.labels.slice(0, maxLabels)),
    metrics: createNameTable(maxMetrics, names?.metrics.slice(0, maxMetrics)),
  }
  const size = cellsOf(kept)
  const cells = new Float64Array(VARIANTS.length * size)
  const reader = createTextReader()
  const batch = createCellBatch(1_024)
  return {
    add(text) {
      if (!openText(reader, text, COUNTS_FORM)) return false
      const names = namesOf(reader)
      if (names === undefined) return false
      beginBatch(batch, reader.length + VARIANTS.length)
      VARIANTS.forEach((_, arm) => {
        const named = cells.length + arm * (names.labels.length + 3 * names.metrics.length)
        readArm(reader, batch, { plain: arm * size, named }, names)
      })
      if (!isComplete(reader)) return false
      addBatch(batch, cells, cellsOfNames(names, kept, size))
      return true
    },
    counts() {
      const summaryOf = (arm: number) => summaryIn(cells.subarray(arm * size, (arm + 1) * size), kept)
      return { baseline: summaryOf(0), canary: summaryOf(1) }
    },
    clear: () => void cells.fill(0),
    names: () => ({ labels: [...kept.labels.names], metrics: [...kept.metrics.names] }),
  }
}

/** Returns the names of a text, which are in ascending order; `undefined` if they are not. */
function namesOf(from: TextReader): SummedNames | undefined {
  const [labels, metrics] = [readCount(from), readCount(from)]
  const names = readNames(from, labels + metrics)
  if (names === undefined) return undefined
  const read = { labels: names.slice(0, labels), metrics: names.slice(labels) }
  return [read.labels, read.metrics].every(areRising) ? read : undefined
}

/** Returns the cells of the names of a text, arm by arm. New names get their slots here. */
function cellsOfNames({ labels, metrics }: SummedNames, kept: KeptNames, size: number): readonly number[] {
  const cells: number[] = []
  for (let start = 0; start < VARIANTS.length * size; start += size) {
    for (const label of labels) cells.push(start + labelsFrom(kept) + kept.labels.slotOf(label))
    for (const name of metrics) {
      const at = start + CELLS.metrics + 3 * kept.metrics.slotOf(name)
      cells.push(at, at + 1, at + 2)
    }
  }
  return cells
}

/** Where the counts of an arm begin: those that every summary has, and those of the names of the text. */
interface ArmCells {
  readonly plain: number
  readonly named: number
}

function readArm(
  from: TextReader,
  into: CellBatch,
  { plain, named }: ArmCells,
  { labels, metrics }: SummedNames,
): void {
  for (let cell = 0; cell < PLAIN_COUNTS; cell++) putInto(into, plain + cell, readCount(from))
  readMoments(from, into, plain + CELLS.latency)
  readMoments(from, into, plain + CELLS.blocked)
  const scores = readMoments(from, into, plain + CELLS.score)
  readBins(from, BIN_COUNT, into, plain + CELLS.latencyBins)
  readBins(from, BIN_COUNT, into, plain + CELLS.pendingBins)
  const isBinned = readBins(from, SCORE_BIN_COUNT, into, plain + CELLS.scoreBins)
  if (scores > 0 && !isBinned) putInto(into, plain + CELLS.bareScores, 1)
  for (let label = 0; label < labels.length; label++) putInto(into, named + label, readCount(from))
  for (let at = 0; at < metrics.length; at++) readMoments(from, into, named + labels.length + 3 * at)
}

/** Reads moments, and returns the number of values. */
function readMoments(from: TextReader, into: CellBatch, cell: number): number {
  const count = readCount(from)
  if (!(count > 0)) return 0
  const [sum, sumOfSquares] = [readNumber(from), readNumber(from)]
  const isPossible =
    Math.abs(sum) <= 2 * LARGEST_VALUE * count && sumOfSquares >= 0 && sumOfSquares <= 2 * LARGEST_VALUE ** 2 * count
  if (!isPossible) refuse(from)
  putInto(into, cell, count)
  putInto(into, cell + 1, sum)
  putInto(into, cell + 2, sumOfSquares)
  return count
}
