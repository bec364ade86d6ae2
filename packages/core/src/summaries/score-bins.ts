/**
 * The bins of scores: fixed, so that counts of several processes can be added.
 *
 * From 0 upwards: below 2⁻¹² is one bin, up to ½ each octave of the score has 32 bins, from ½ to 1 each octave of its
 * distance to 1, and from 1 to 2²⁰ each octave of the score again. A bin is at most 1/32 of the score wide, or from ½ to
 * 1, of its distance to 1, so that probabilities close to 0 and to 1 are told apart. Negative scores mirror this.
 */
const BINS_PER_OCTAVE = 32

/** Scores below 2⁻¹², and those within 2⁻¹² of 1, have a bin each. */
const SMALLEST = 2 ** -12

/** Scores from 2²⁰ up share the last bin, which has no upper end. */
const LARGEST = 2 ** 20

/** The octaves from 2⁻¹² to ½, and their bins. */
const LOW_BINS = 11 * BINS_PER_OCTAVE

/** The first bin from ½ up, from 1 − 2⁻¹² up, from 1 up, and the open one. */
const FROM_HALF = 1 + LOW_BINS
const NEAR_ONE = FROM_HALF + LOW_BINS
const FROM_ONE = NEAR_ONE + 1
const OPEN = FROM_ONE + 20 * BINS_PER_OCTAVE

/** The number of bins: those of positive and of negative scores, and the one around 0. */
export const SCORE_BIN_COUNT = 2 * OPEN + 1

/** Returns the bin of a score, in ascending order of the scores. */
export function scoreBinOf(score: number): number {
  const size = Math.abs(score)
  let place = 0
  if (size >= LARGEST) place = OPEN
  else if (size >= 1) place = FROM_ONE + octaveBin(size * BINS_PER_OCTAVE)
  else if (size >= 0.5) place = 1 - size < SMALLEST ? NEAR_ONE : NEAR_ONE - 1 - inLow((1 - size) * LOWS_SCALE)
  else if (size >= SMALLEST) place = 1 + octaveBin(size * LOWS_SCALE)
  return score < 0 ? OPEN - place : OPEN + place
}

/** Returns the smallest score of a bin; −∞ for the first one. */
export function scoreBinLow(bin: number): number {
  const place = bin - OPEN
  if (place > 0) return lowOf(place)
  return place === -OPEN ? Number.NEGATIVE_INFINITY : -lowOf(1 - place)
}

/** Creates an empty histogram of scores that is updated in place. */
export const createScoreBins = (): Uint32Array => new Uint32Array(SCORE_BIN_COUNT)

/** 2⁻¹² times this is 32, with which the first octave begins. */
const LOWS_SCALE = BINS_PER_OCTAVE / SMALLEST

/** Returns the bin of a number from 32 up: 32 bins from 32 to 64, 32 from 64 to 128, and so on. */
function octaveBin(scaled: number): number {
  const octave = 26 - Math.clz32(scaled)
  return octave * BINS_PER_OCTAVE + ((scaled >>> octave) & (BINS_PER_OCTAVE - 1))
}

/** ½ itself is in the last bin, which is the one below it of all distances. */
const inLow = (scaled: number): number => Math.min(octaveBin(scaled), LOW_BINS - 1)

/** Returns where the numbers of a bin begin. */
function octaveLow(bin: number): number {
  return ((bin % BINS_PER_OCTAVE) + BINS_PER_OCTAVE) * 2 ** Math.floor(bin / BINS_PER_OCTAVE)
}

/** Returns the smallest positive score at a place. */
function lowOf(place: number): number {
  if (place <= LOW_BINS) return octaveLow(place - 1) / LOWS_SCALE
  if (place < NEAR_ONE) return 1 - octaveLow(NEAR_ONE - place) / LOWS_SCALE
  return place === NEAR_ONE ? 1 - SMALLEST : octaveLow(place - FROM_ONE) / BINS_PER_OCTAVE
}
