import type { CanaryOptions, Strategy } from '@model-canary/core'
import { checkVersion, type Version } from './behaviour.js'
import { numberFrom, optionalFunction, refuseUnknown } from './options.js'

/** What is simulated: the real `createCanary` under traffic that is made up. */
export interface SimulateOptions {
  /** @default 1 */
  readonly seed?: number
  /** Poisson arrivals: a rate, or a rate by the time since the start in milliseconds. */
  readonly requestsPerSecond: number | ((elapsedMs: number) => number)
  readonly baseline: Version
  readonly canary: Version
  /**
   * Plan, guardrails, judge and all else that `createCanary` takes, but for what the simulation sets.
   * Without a `store` the state is kept as it is, not as the JSON that another process would read.
   */
  readonly rollout?: Partial<Omit<CanaryOptions, 'clock' | 'strategy' | 'versions'>>
  /** @default randomStrategy, seeded */
  readonly strategy?: (random: () => number) => Strategy | Promise<Strategy>
  /** The routing key of a request. @default none */
  readonly keyOf?: (random: () => number) => string | undefined
  /** How long the baseline serves alone before the start, in milliseconds. @default 0 */
  readonly beforeMs?: number
  /** When to give up, in milliseconds since the start. @default 7_200_000 */
  readonly horizonMs?: number
}

/** The names of the options of one simulation. */
export const SIMULATE_OPTIONS = [
  'seed',
  'requestsPerSecond',
  'baseline',
  'canary',
  'rollout',
  'strategy',
  'keyOf',
  'beforeMs',
  'horizonMs',
] as const satisfies readonly (keyof SimulateOptions)[]

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
        : numberFrom('requestsPerSecond', requestsPerSecond, 0),
    versions: { baseline: checkVersion('baseline', options.baseline), canary: checkVersion('canary', options.canary) },
    strategy: optionalFunction('strategy', options.strategy),
    keyOf: optionalFunction('keyOf', options.keyOf),
    beforeMs: numberFrom('beforeMs', beforeMs, 0),
    horizonMs: numberFrom('horizonMs', horizonMs, 0),
  }
}
