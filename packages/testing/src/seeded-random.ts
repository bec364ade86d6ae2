import { wholeNumber } from '@model-canary/foundation'

/** Rounds that are thrown away, so that close seeds give unrelated numbers. */
const WARM_UP_ROUNDS = 12

const TWO_TO_32 = 2 ** 32

/**
 * Chance that repeats itself: numbers from 0 (included) to 1 (excluded), the same ones for the same seed.
 * Takes the place of `Math.random` wherever one can be passed in. Any safe integer is a seed, 0 too.
 *
 * sfc32 by Chris Doty-Humphrey, seeded as in PractRand 0.95: 128 bits of state, passes its battery.
 *
 * @example
 * const strategy = randomStrategy({ random: seededRandom(7) })
 */
export function seededRandom(seed: number): () => number {
  wholeNumber('seed', seed, Number.MIN_SAFE_INTEGER)
  let a = 0
  let b = seed | 0
  let c = Math.floor(seed / TWO_TO_32) | 0
  let counter = 1

  const next = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / TWO_TO_32
  }

  for (let round = 0; round < WARM_UP_ROUNDS; round++) next()
  return next
}
