import { countInto, createBins, type SparseBins, sparseBinsOf } from './histogram.js'

/** How long callers waited for the first output: the latest calls weigh most, in fixed memory. */
export interface AnswerTimes {
  readonly byteLength: number
  add(bin: number): void
  /** The JSON form. */
  read(): SparseBins
}

/** At so many calls all counts are halved, so that what was long ago is forgotten by and by. */
const MOST = 40_000

/** Makes an empty histogram of waiting times. */
export function createAnswerTimes(): AnswerTimes {
  const bins = createBins()
  let total = 0

  return {
    byteLength: bins.byteLength,
    add(bin) {
      countInto(bins, bin)
      total += 1
      if (total < MOST) return
      total = 0
      bins.forEach((count, at) => {
        bins[at] = count >> 1
        total += count >> 1
      })
    },
    read: () => sparseBinsOf(bins),
  }
}
