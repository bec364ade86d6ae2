import { optionalFunction, refuseUnknown, wholeNumber } from '@model-canary/foundation'
import { refusal } from './refusal.js'
import { outcomeOf, type RolloutOutcome } from './rollout-outcome.js'
import { turnOfEventLoop } from './settle.js'
import { simulate } from './simulate.js'
import { SIMULATE_OPTIONS, type SimulateOptions } from './simulate-options.js'
import { type SimulatedRollouts, summarizeRollouts } from './simulated-rollouts.js'

/** Options of many simulations, each with its own seed. */
export interface SimulateRolloutsOptions extends SimulateOptions {
  /** The seed of the first rollout; each one after it has the next. @default 1 */
  readonly seed?: number
  /** How many rollouts. @default 200 */
  readonly replications?: number
  /** As for one simulation, but without a store, because a store would pass the end of one rollout to the next. */
  readonly rollout?: Omit<NonNullable<SimulateOptions['rollout']>, 'store'>
  /** Called after each rollout. @default none */
  readonly onProgress?: (progress: RolloutsProgress) => void
}

/** How far many rollouts have come. */
export interface RolloutsProgress {
  readonly finished: number
  readonly replications: number
}

/**
 * Simulates a rollout many times. Returns how often each end occurs and its cost, with confidence limits.
 *
 * With a canary that is as good as the baseline `rolledBack` is the rate of false rollbacks; with one that is worse,
 * `canaryRequests` and `canaryUsers` are those it reaches before it is stopped. Rollout i is what `simulate` gives
 * with the seed `seed + i`. A version with internal state keeps it from one rollout to the next.
 *
 * Rejects with `INVALID_OPTION` or `UNKNOWN_OPTION`, and with what `createCanary` throws.
 *
 * @example
 * const { rolledBack } = await simulateRollouts({ requestsPerSecond: 50, baseline: {}, canary: {} })
 * rolledBack // { count: 0, rate: 0, low: 0, high: 0.018… }
 */
export async function simulateRollouts(options: SimulateRolloutsOptions): Promise<SimulatedRollouts> {
  refuseUnknown('simulateRollouts', options, { ...SIMULATE_OPTIONS, replications: 1, onProgress: 1 })
  const { replications = 200, onProgress, seed = 1, ...shared } = options
  wholeNumber('replications', replications, 1, 1_000_000)
  optionalFunction('onProgress', onProgress)
  const { rollout }: SimulateOptions = shared
  if (rollout?.store !== undefined) {
    throw refusal('rollout.store would carry the end of one rollout into the next; leave it out')
  }

  const outcomes: RolloutOutcome[] = []
  for (let at = 0; at < replications; at += 1) {
    outcomes.push(outcomeOf(await simulate({ ...shared, seed: seed + at })))
    onProgress?.({ finished: at + 1, replications })
    await turnOfEventLoop() // whoever else is in this process has its turn
  }
  return summarizeRollouts(outcomes)
}
