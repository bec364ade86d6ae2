import type { Canary, Variant } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { callOf, type Version } from './behaviour.js'
import { createCompletions } from './completions.js'
import type { SimulationClock } from './simulation-clock.js'

/** The parts of the traffic. */
export interface TrafficOptions {
  readonly canary: Pick<Canary, 'begin'>
  readonly clock: SimulationClock
  readonly random: () => number
  readonly requestsPerSecond: number | ((elapsedMs: number) => number)
  readonly versions: ByVariant<Version>
  readonly keyOf: ((random: () => number, elapsedMs: number) => string | undefined) | undefined
  /** When the rollout starts, on the clock's `elapsed` scale: the rate and the versions count from there. */
  readonly startMs: number
  /** Called for every request. */
  readonly onRequest: (variant: Variant, key: string | undefined) => void
}

/** Requests that begin and end. */
export interface Traffic {
  /**
   * Begins and ends requests until then, or until `hasEnded` returns true, and runs the rollout's timers in between.
   */
  runUntil(untilMs: number, hasEnded: () => boolean): Promise<void>
}

/** A rate may change, or be 0, so arrivals are planned no further ahead than this. */
const LONGEST_GAP_MS = 1_000

/** Arrivals and completions in the order in which they happen. */
export function createTraffic(options: TrafficOptions): Traffic {
  const { canary, clock, random, keyOf, startMs, onRequest } = options
  const { requestsPerSecond } = options
  const calls = { baseline: callOf(options.versions.baseline), canary: callOf(options.versions.canary) }
  const completions = createCompletions()
  const rateAt = typeof requestsPerSecond === 'number' ? () => requestsPerSecond : requestsPerSecond
  let nextArrivalMs = 0
  let arrivalMs = 0
  let isLull = false

  const arrive = (nowMs: number): void => {
    const key = keyOf?.(random, nowMs - startMs)
    const flight = canary.begin(key === undefined ? undefined : { key })
    const { variant, assignment } = flight
    onRequest(variant, key)
    const call = calls[variant]({ random, elapsedMs: nowMs - startMs, weight: assignment.weight, key })
    completions.add(nowMs + call.durationMs, flight, call)
  }

  /** The gaps of a Poisson process are exponential. */
  const planArrival = (fromMs: number): number => {
    const rate = rateAt(fromMs - startMs)
    const gapMs = rate > 0 ? (-Math.log(1 - random()) / rate) * 1_000 : Number.POSITIVE_INFINITY
    return fromMs + gapMs
  }

  /** When the next event occurs, and whether it is a request or only the time to plan the next request. */
  const nextEventMs = (untilMs: number): number => {
    const nowMs = clock.elapsed()
    isLull = nextArrivalMs > nowMs + LONGEST_GAP_MS
    arrivalMs = isLull ? nowMs + LONGEST_GAP_MS : nextArrivalMs
    return Math.min(arrivalMs, completions.nextDueMs, untilMs)
  }

  const happen = (nowMs: number, hasEnded: () => boolean): void => {
    if (completions.nextDueMs <= nowMs) completions.endNext()
    if (nowMs !== arrivalMs || hasEnded()) return
    if (!isLull) arrive(nowMs)
    nextArrivalMs = planArrival(nowMs)
  }

  /**
   * Runs events without awaiting, which would cost more than a request. Returns the time of the event that a timer
   * precedes.
   */
  const runToTimer = (untilMs: number, hasEnded: () => boolean): number | undefined => {
    while (clock.elapsed() < untilMs && !hasEnded()) {
      const nextMs = nextEventMs(untilMs)
      if (!clock.skipTo(nextMs)) return nextMs
      happen(nextMs, hasEnded)
    }
    return undefined
  }

  return {
    async runUntil(untilMs, hasEnded) {
      for (;;) {
        const nextMs = runToTimer(untilMs, hasEnded)
        if (nextMs === undefined) return
        await clock.walkTo(nextMs)
        happen(nextMs, hasEnded)
      }
    },
  }
}
