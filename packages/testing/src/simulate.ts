import {
  type ByVariant,
  type Canary,
  type CanaryOptions,
  createCanary,
  type Flight,
  randomStrategy,
  type Status,
  type Strategy,
} from '@model-canary/core'
import { callOf, type Version } from './behaviour.js'
import { seededRandom } from './seeded-random.js'
import { createSimulationClock, type SimulationClock, settle } from './simulation-clock.js'
import { createTaskQueue } from './task-queue.js'

/** What is simulated: the real `createCanary` under traffic that is made up. */
export interface SimulateOptions {
  /** @default 1 */
  readonly seed?: number
  /** Poisson arrivals: a rate, or a rate by the time since the start in milliseconds. */
  readonly requestsPerSecond: number | ((elapsedMs: number) => number)
  readonly baseline: Version
  readonly canary: Version
  /** Plan, guardrails, judge and all else that `createCanary` takes, but for what the simulation sets. */
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

/** How a simulated rollout went. */
export interface Simulation {
  readonly status: Status
  /** Time from the start to the end, or to the horizon, in milliseconds. */
  readonly elapsedMs: number
  /** Calls of each version since the start. */
  readonly requests: ByVariant<number>
}

/**
 * Drives a whole rollout in virtual time: the same engine as in production, with the same decisions.
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
  const random = seededRandom(options.seed ?? 1)
  const clock = createSimulationClock()
  const canary = createCanary({
    name: 'simulation',
    versions: { baseline: 'baseline', canary: 'canary' },
    strategy: await (options.strategy?.(random) ?? randomStrategy({ random })),
    ...options.rollout,
    clock,
  })
  const requests = { baseline: 0, canary: 0 }
  const { beforeMs = 0, horizonMs = 7_200_000 } = options
  const traffic = createTraffic({ options, canary, clock, random, beforeMs, requests })

  let hasEnded = false
  for (const end of ['promoted', 'rolled-back'] as const) {
    canary.on(end, () => {
      hasEnded = true
    })
  }
  await traffic.runUntil(beforeMs, () => false)
  requests.baseline = 0
  await canary.start()
  await settle()
  await traffic.runUntil(beforeMs + horizonMs, () => hasEnded)
  const simulation = { status: canary.status(), elapsedMs: clock.elapsed() - beforeMs, requests }
  await canary.close()
  return simulation
}

interface TrafficParts {
  readonly options: SimulateOptions
  readonly canary: Canary
  readonly clock: SimulationClock
  readonly random: () => number
  readonly beforeMs: number
  readonly requests: { baseline: number; canary: number }
}

/** Arrivals and completions in the order in which they happen; the rollout's timers run between them. */
function createTraffic({ options, canary, clock, random, beforeMs, requests }: TrafficParts) {
  const calls = { baseline: callOf(options.baseline), canary: callOf(options.canary) }
  const completions = createTaskQueue()
  const rateAt = (ms: number) =>
    typeof options.requestsPerSecond === 'number' ? options.requestsPerSecond : options.requestsPerSecond(ms - beforeMs)
  let nextArrivalMs = 0

  const arrive = (): void => {
    const nowMs = clock.elapsed()
    const key = options.keyOf?.(random)
    const flight: Flight = canary.begin(key === undefined ? undefined : { key })
    requests[flight.variant] += 1
    const { weight } = flight.assignment
    const { durationMs, ...result } = calls[flight.variant]({ random, elapsedMs: nowMs - beforeMs, weight, key })
    if (durationMs < Number.POSITIVE_INFINITY)
      completions.add({ dueMs: nowMs + durationMs, run: () => flight.end(result) })
  }

  /** The next arrival, found in spans of at most a second, so that a rate may change and be 0. */
  const planArrival = (fromMs: number): number => {
    const rate = rateAt(fromMs)
    const gapMs = rate > 0 ? (-Math.log(1 - random()) / rate) * 1_000 : Number.POSITIVE_INFINITY
    return fromMs + gapMs
  }

  return {
    async runUntil(untilMs: number, hasEnded: () => boolean): Promise<void> {
      while (clock.elapsed() < untilMs) {
        const isLull = nextArrivalMs > clock.elapsed() + 1_000
        const arrivalMs = isLull ? clock.elapsed() + 1_000 : nextArrivalMs
        const nextMs = Math.min(arrivalMs, completions.nextDueMs, untilMs)
        if (!clock.skipTo(nextMs)) await clock.walkTo(nextMs)
        completions.takeDue(nextMs)?.run()
        if (hasEnded()) return
        if (nextMs !== arrivalMs) continue
        if (!isLull) arrive()
        nextArrivalMs = planArrival(nextMs)
      }
    },
  }
}
