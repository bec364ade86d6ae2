import { numberWithin, refuseUnknown, wholeNumber } from '@model-canary/foundation'
import type { Behaviour } from '@model-canary/testing'
import { isRecord } from '../connection/records.js'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'

/** The traffic of a service, and how its versions behave. Plain data. */
export interface Traffic {
  /** Requests a second, of both versions together. */
  readonly requestsPerSecond: number
  /** How many users send them, of whom a few send most. */
  readonly users: number
  readonly baseline: Behaviour
  /** A canary to be simulated besides; left out if there is none. */
  readonly canary?: Behaviour
  /** By how much the worse canary fails more often, as a fraction. */
  readonly worse: number
  /** How long the baseline serves alone before the start, in milliseconds. */
  readonly beforeMs: number
  /** When a rollout is given up, in milliseconds since its start. */
  readonly horizonMs: number
}

const DEFAULTS = { users: 10_000, worse: 0.03, beforeMs: 1_200_000, horizonMs: 14_400_000 } as const

/** What the command line says in place of the file. */
export interface TrafficFlags {
  readonly requestsPerSecond?: number
  readonly errorRate?: number
  readonly worse?: number
}

const NAMES = { requestsPerSecond: 1, users: 1, baseline: 1, canary: 1, worse: 1, beforeMs: 1, horizonMs: 1 } as const

/** Returns the traffic, complete. What is wrong with the behaviour of a version, the simulation says. */
export function readTraffic(given: unknown, flags: TrafficFlags): Traffic {
  const file = given ?? {}
  if (!isRecord(file))
    throw failure(EXIT.usage, 'BAD_TRAFFIC', 'traffic must be an object, such as {"requestsPerSecond":50}')
  refuseUnknown('traffic', file, NAMES)
  const figures: Readonly<Record<string, unknown>> = { ...DEFAULTS, ...file, ...flagged(flags) }
  const { requestsPerSecond, baseline = { errorRate: 0.01 }, canary } = figures
  if (requestsPerSecond === undefined)
    throw failure(EXIT.usage, 'NO_TRAFFIC', 'how much traffic is there? Pass --traffic 50, for 50 requests a second')
  return {
    requestsPerSecond: numberWithin('traffic.requestsPerSecond', requestsPerSecond, 0.001, 100_000),
    users: wholeNumber('traffic.users', figures.users, 1, 1_000_000),
    worse: numberWithin('traffic.worse', figures.worse, 0, 1),
    beforeMs: numberWithin('traffic.beforeMs', figures.beforeMs, 0, 86_400_000),
    horizonMs: numberWithin('traffic.horizonMs', figures.horizonMs, 1_000, 604_800_000),
    baseline: withErrors(baseline as Behaviour, flags.errorRate),
    ...(canary !== undefined && { canary: canary as Behaviour }),
  }
}

const flagged = ({ requestsPerSecond, worse }: TrafficFlags) => ({
  ...(requestsPerSecond !== undefined && { requestsPerSecond }),
  ...(worse !== undefined && { worse }),
})

const withErrors = (behaviour: Behaviour, errorRate: number | undefined): Behaviour =>
  errorRate === undefined ? behaviour : { ...behaviour, errorRate }
