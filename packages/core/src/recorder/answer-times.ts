import { BIN_COUNT, type SparseBins } from '../summaries/histogram.js'

/** A histogram of how long callers waited for the first output. Recent calls weigh most; memory is fixed. */
export interface AnswerTimes {
  readonly byteLength: number
  add(bin: number): void
  /** Returns the JSON form. Four bins are joined under the last of them, so that a time is at most 6 % too long. */
  read(): SparseBins
}

/** The number of histogram bins that are joined. */
const JOINED = 4

/** At this number of calls all counts are halved, so that old calls lose weight. No count exceeds 16 bits. */
const MOST = 40_000

/** Creates an empty histogram of waiting times. */
export function createAnswerTimes(): AnswerTimes {
  const counts = new Uint16Array(Math.ceil(BIN_COUNT / JOINED))
  let total = 0

  return {
    byteLength: counts.byteLength,
    add(bin) {
      counts[Math.floor(bin / JOINED)]! += 1
      total += 1
      if (total < MOST) return
      total = 0
      counts.forEach((count, at) => {
        counts[at] = count >> 1
        total += count >> 1
      })
    },
    read: () =>
      Array.from(counts, (count, at) => [Math.min((at + 1) * JOINED, BIN_COUNT) - 1, count] as const).filter(
        ([, count]) => count > 0,
      ),
  }
}
