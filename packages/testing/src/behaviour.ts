import type { FlightResult } from '@model-canary/core'

/** One simulated call: how long it takes and what comes of it. `durationMs: Infinity` never ends. */
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

/** A version as traffic meets it, in figures. */
export interface Behaviour {
  /** A fraction of calls. @default 0 */
  readonly errorRate?: number
  /** Lognormal latency; `sigma` is the standard deviation of its logarithm. @default { mean: 120, sigma: 0.7 } */
  readonly latencyMs?: { readonly mean: number; readonly sigma?: number }
  /** Shares of the predicted classes; they need not sum to 1. */
  readonly predictions?: Readonly<Record<string, number>>
}

/** A version as traffic meets it: figures, or a function for what figures cannot say. */
export type Version = Behaviour | ((context: CallContext) => SimulatedCall)

/** Turns figures into a function of one call. */
export function callOf(version: Version): (context: CallContext) => SimulatedCall {
  if (typeof version === 'function') return version
  const { errorRate = 0, latencyMs: { mean, sigma = 0.7 } = { mean: 120 }, predictions } = version
  const mu = Math.log(mean) - sigma ** 2 / 2
  return ({ random }) => {
    const durationMs = Math.exp(mu + sigma * gaussian(random))
    if (random() < errorRate) return { durationMs, outcome: 'error' }
    return predictions === undefined ? { durationMs } : { durationMs, prediction: draw(predictions, random) }
  }
}

/** A standard normal number, by Box and Muller (1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function draw(shares: Readonly<Record<string, number>>, random: () => number): string {
  const entries = Object.entries(shares)
  let left = random() * entries.reduce((sum, [, share]) => sum + share, 0)
  for (const [label, share] of entries) {
    left -= share
    if (left < 0) return label
  }
  return entries.at(-1)![0]
}
