import { optionalFunction, refuseOthers } from '../foundation/options.js'
import type { Strategy } from './strategy.js'

/** Where the chance of a random split comes from. */
export interface RandomStrategyOptions {
  /** A uniform number from 0 up to, not including, 1. @default Math.random */
  readonly random?: (() => number) | undefined
}

/**
 * Sends each request to the canary by chance, independently of all others.
 * Exact on average: of 100 requests at weight 10, 4 to 16 go to the canary.
 *
 * @example
 * randomStrategy().pick({}, 10) // 'canary' once in ten times
 */
export function randomStrategy(options: RandomStrategyOptions = {}): Strategy {
  refuseOthers('randomStrategy', options, ['random'])
  const random = optionalFunction('random', options.random) ?? Math.random
  return {
    name: 'random',
    unit: 'request',
    pick: (_request, weight) => (random() * 100 < weight ? 'canary' : 'baseline'),
  }
}
