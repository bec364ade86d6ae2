import { createCanary, type Decision, randomStrategy, type Status } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { seededRandom } from './seeded-random.js'
import { createSettle } from './settle.js'
import { resolveSimulation, type SimulateOptions } from './simulate-options.js'
import { createSimulationClock } from './simulation-clock.js'
import { createSimulationStore } from './simulation-store.js'
import { createTraffic } from './traffic.js'

/** How a simulated rollout went. */
export interface Simulation {
  readonly status: Status
  /** The decisions that were kept, newest first: at most 1,000. */
  readonly history: readonly Decision[]
  /** Time from the start to the end, or to the horizon, in milliseconds. */
  readonly elapsedMs: number
  /** Calls of each version since the start. */
  readonly requests: ByVariant<number>
  /** How many different keys each version served since the start; `null` without `keyOf`. */
  readonly users: ByVariant<number> | null
}

/**
 * Simulates a whole rollout in virtual time, with the same code and the same decisions as in production.
 *
 * Rejects with `INVALID_OPTION` or `UNKNOWN_OPTION`, and with what `createCanary` throws.
 *
 * @example
 * const { status } = await simulate({
 *   requestsPerSecond: 50,
 *   baseline: { errorRate: 0.01 },
 *   canary: { errorRate: 0.06 },
 * })
 * status.state // 'rolled-back'
 */
export async function simulate(options: SimulateOptions): Promise<Simulation> {
  const { seed, rollout, strategy, beforeMs, horizonMs, ...traffic } = resolveSimulation(options)
  const random = seededRandom(seed)
  const settle = createSettle(rollout)
  const clock = createSimulationClock(settle)
  const canary = createCanary({
    name: 'simulation',
    versions: { baseline: 'baseline', canary: 'canary' },
    strategy: await (strategy?.(random) ?? randomStrategy({ random })),
    store: createSimulationStore(),
    ...rollout,
    clock,
  })
  const requests = { baseline: 0, canary: 0 }
  const keys = { baseline: new Set<string>(), canary: new Set<string>() }
  let hasStarted = false
  let hasEnded = false
  const { runUntil } = createTraffic({
    ...traffic,
    canary,
    clock,
    random,
    startMs: beforeMs,
    onRequest(variant, key) {
      if (!hasStarted) return
      requests[variant] += 1
      if (key) keys[variant].add(key) // an empty key is none, as it is for a sticky split
    },
  })

  for (const end of ['promoted', 'rolled-back'] as const) {
    canary.on(end, () => {
      hasEnded = true
    })
  }
  await runUntil(beforeMs, () => false)
  hasStarted = true
  await canary.start()
  await settle()
  await runUntil(beforeMs + horizonMs, () => hasEnded)
  const users = traffic.keyOf === undefined ? null : { baseline: keys.baseline.size, canary: keys.canary.size }
  const history = await canary.history({ limit: 1_000 })
  const status = { ...canary.status(), instance: 'simulation' } // a seed stands for everything else
  const simulation = { status, history, elapsedMs: clock.elapsed() - beforeMs, requests, users }
  await canary.close()
  return simulation
}
