import type { FlightResult } from '@model-canary/core/adapter'
import { numberWithin, refuseUnknown } from '@model-canary/foundation'
import { refusal } from './refusal.js'

/** One simulated call: its duration and its result. A call with `durationMs: Infinity` never ends. */
export interface SimulatedCall extends FlightResult {
  readonly durationMs: number
}

/** What a simulated call may depend on. */
export interface CallContext {
  readonly random: () => number
  /** Time since the rollout was started, in milliseconds; negative before. */
  readonly elapsedMs: number
  /** The canary's share when the call began, in percent. */
  readonly weight: number
  readonly key: string | undefined
}

/** How a version behaves, in figures. */
export interface Behaviour {
  /** A fraction of calls. @default 0 */
  readonly errorRate?: number
  /** Lognormal latency; `sigma` is the standard deviation of its logarithm. @default { mean: 120, sigma: 0.7 } */
  readonly latencyMs?: { readonly mean: number; readonly sigma?: number }
  /** Shares of the predicted classes; they need not sum to 1. */
  readonly predictions?: Readonly<Record<string, number>>
}

const USUAL_LATENCY: NonNullable<Behaviour['latencyMs']> = { mean: 120 }

/** How a version behaves: figures, or a function for what figures cannot express. */
export type Version = Behaviour | ((context: CallContext) => SimulatedCall)

/**
 * Returns the version if it is valid; throws otherwise. A typo in its figures must not become a version without faults.
 */
export function checkVersion(name: string, version: Version): Version {
  if (typeof version === 'function') return version
  refuseUnknown(name, version, { errorRate: 1, latencyMs: 1, predictions: 1 })
  const { errorRate = 0, latencyMs = USUAL_LATENCY, predictions = { any: 1 } } = version
  refuseUnknown(`${name}.latencyMs`, latencyMs, { mean: 1, sigma: 1 })
  numberWithin(`${name}.errorRate`, errorRate, 0, 1)
  numberWithin(`${name}.latencyMs.mean`, latencyMs.mean, 0, Number.MAX_VALUE)
  numberWithin(`${name}.latencyMs.sigma`, latencyMs.sigma ?? 0, 0, Number.MAX_VALUE)
  const shares = Object.values(predictions)
  for (const share of shares) numberWithin(`${name}.predictions: a share`, share, 0, Number.MAX_VALUE)
  if (sum(shares) === 0) throw refusal(`${name}.predictions: give one class or more a share above 0`)
  return version
}

/** Turns figures into a function that returns one call. */
export function callOf(version: Version): (context: CallContext) => SimulatedCall {
  if (typeof version === 'function') return version
  const { errorRate = 0, latencyMs: { mean, sigma = 0.7 } = USUAL_LATENCY, predictions } = version
  const mu = Math.log(mean) - sigma ** 2 / 2
  const predict = predictions && drawOf(predictions)
  return ({ random }) => {
    const durationMs = Math.exp(mu + sigma * gaussian(random))
    if (random() < errorRate) return { durationMs, outcome: 'error' }
    return predict === undefined ? { durationMs } : { durationMs, prediction: predict(random) }
  }
}

/** Returns a standard normal number, by Box and Muller (1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Returns a function that draws a label by the shares, which are prepared once. */
function drawOf(predictions: Readonly<Record<string, number>>): (random: () => number) => string {
  const labels = Object.keys(predictions)
  const shares = Object.values(predictions)
  const total = sum(shares)
  return (random) => {
    let left = random() * total
    for (let at = 0; at < labels.length; at += 1) {
      left -= shares[at]!
      if (left < 0) return labels[at]!
    }
    return labels.at(-1)!
  }
}

function sum(shares: readonly number[]): number {
  return shares.reduce((total, share) => total + share, 0)
}
