import type { CanaryOptions, Strategy } from '@model-canary/core'
import { duration, type Names, numberWithin, optionalFunction, refuseUnknown } from '@model-canary/foundation'
import { checkVersion, type Version } from './behaviour.js'

/** What is simulated: the real `createCanary` with generated traffic. */
export interface SimulateOptions {
  /** @default 1 */
  readonly seed?: number
  /** Poisson arrivals: a rate, or a rate by the time since the start in milliseconds. */
  readonly requestsPerSecond: number | ((elapsedMs: number) => number)
  readonly baseline: Version
  readonly canary: Version
  /**
   * Plan, guardrails, judge and the other options of `createCanary`, except those that the simulation sets.
   * Without a `store` the state is kept as it is, not as the JSON that another process would read.
   */
  readonly rollout?: Partial<Omit<CanaryOptions, 'clock' | 'strategy' | 'versions'>>
  /** @default randomStrategy, seeded */
  readonly strategy?: (random: () => number) => Strategy | Promise<Strategy>
  /** The routing key of a request, by the time since the start in milliseconds, negative before. @default none */
  readonly keyOf?: (random: () => number, elapsedMs: number) => string | undefined
  /** How long the baseline serves alone before the start, in milliseconds. @default 0 */
  readonly beforeMs?: number
  /** When to give up, in milliseconds since the start. @default 7_200_000 */
  readonly horizonMs?: number
}

/** The names of the options of one simulation. */
export const SIMULATE_OPTIONS: Names<SimulateOptions> = {
  seed: 1,
  requestsPerSecond: 1,
  baseline: 1,
  canary: 1,
  rollout: 1,
  strategy: 1,
  keyOf: 1,
  beforeMs: 1,
  horizonMs: 1,
}

/** Past this line every option that has a default is present, and all but `seed` and `rollout` are valid. */
export function resolveSimulation(options: SimulateOptions) {
  refuseUnknown('simulate', options, SIMULATE_OPTIONS)
  const { requestsPerSecond, seed = 1, rollout = {}, beforeMs = 0, horizonMs = 7_200_000 } = options
  return {
    seed,
    rollout,
    requestsPerSecond:
      typeof requestsPerSecond === 'function'
        ? requestsPerSecond
        : numberWithin('requestsPerSecond', requestsPerSecond, 0, Number.MAX_VALUE),
    versions: { baseline: checkVersion('baseline', options.baseline), canary: checkVersion('canary', options.canary) },
    strategy: optionalFunction('strategy', options.strategy),
    keyOf: optionalFunction('keyOf', options.keyOf),
    beforeMs: duration('beforeMs', beforeMs),
    horizonMs: duration('horizonMs', horizonMs),
  }
}
