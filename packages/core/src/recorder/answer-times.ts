import { BIN_COUNT, type SparseBins } from '../summaries/histogram.js'

/** How long callers waited for the first output: the latest calls weigh most, in fixed memory. */
export interface AnswerTimes {
  readonly byteLength: number
  add(bin: number): void
  /** The JSON form. Four bins are kept as one, under the last of them: a waiting time is at most 6 % too long. */
  read(): SparseBins
}

/** How many bins of the histogram are kept as one. */
const JOINED = 4

/** At so many calls all counts are halved, so that old ones weigh less and less. No count outgrows 16 bits. */
const MOST = 40_000

/** Makes an empty histogram of waiting times. */
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
