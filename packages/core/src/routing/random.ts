import { optionalFunction, refuseOthers } from '../foundation/options.js'
import type { Strategy } from './strategy.js'

/** Options of a random split. */
export interface RandomStrategyOptions {
  /** Returns a uniform number from 0 (inclusive) to 1 (exclusive). @default Math.random */
  readonly random?: (() => number) | undefined
}

/**
 * Sends each request to the canary at random, independently of all others.
 * The share is exact on average: of 100 requests at weight 10, 4 to 16 go to the canary.
 *
 * @example
 * randomStrategy().pick({}, 10) // 'canary' once in ten times
 */
export function randomStrategy(options: RandomStrategyOptions = {}): Strategy {
  refuseOthers('randomStrategy', options, { random: 1 }, '; the share is set by plan: [5, 25, 100]')
  const random = optionalFunction('random', options.random) ?? Math.random
  return {
    name: 'random',
    unit: 'request',
    pick: (_request, weight) => (random() * 100 < weight ? 'canary' : 'baseline'),
  }
}
