import { wholeNumber } from '@model-canary/foundation'

/** Rounds that are discarded, so that similar seeds give unrelated numbers. */
const WARM_UP_ROUNDS = 12

const TWO_TO_32 = 2 ** 32

/**
 * Returns a generator of random numbers from 0 (inclusive) to 1 (exclusive): the same numbers for the same seed.
 * Replaces `Math.random` wherever a generator can be passed. Any safe integer is a seed, including 0.
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
