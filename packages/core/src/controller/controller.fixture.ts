import { type ManualClock, manualClock } from '@model-canary/testing'
import type { ByVariant } from '../foundation/vocabulary.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { linearPlan } from '../rollout/plan.js'
import type { MetricsSource, TargetSplit } from '../rollout/ports.js'
import { counted } from '../rollout/rollout.fixture.js'
import type { StateStore } from '../rollout/store.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { Summary } from '../summaries/summary.js'
import { createController } from './controller.js'
import type { Controller } from './controller-contract.js'
import type { ControllerOptions } from './controller-options.js'
import { memoryStore } from './memory-store.js'

/** The surroundings of one or more controllers: a service that counts, a target that obeys or not, a manual clock. */
export interface World {
  readonly clock: ManualClock
  readonly store: StateStore
  /** Requests of each arm a second, and how many of the canary's are errors. */
  readonly traffic: { perSecond: number; errorShare: number; served(): Served }
  /** How the source answers; with `no-canary`, the counts of the canary no longer rise. */
  source: 'counts' | 'no-canary' | 'no-data' | 'rejects' | 'hangs'
  target: 'obeys' | 'rejects' | 'hangs'
  /** The weights that the target took, in order. */
  readonly taken: number[]
  /** How often the source was read and the target was called. */
  readonly reads: () => number
  readonly tries: () => number
  /** How many reads were under way at once, at most. */
  readonly mostReads: () => number
  make(options?: Partial<ControllerOptions>): Controller
}

/** What the canary has served since the beginning; the baseline has as many requests and no errors. */
interface Served {
  readonly successes: number
  readonly errors: number
}

/** Traffic that a test may change at any time, and the sum of what it has brought so far. */
function countedTraffic(clock: ManualClock) {
  let now = { perSecond: 10, errorShare: 0 }
  let sum: Served = { successes: 0, errors: 0 }
  let at = clock.elapsed()
  const served = (): Served => {
    const requests = ((clock.elapsed() - at) / 1_000) * now.perSecond
    at = clock.elapsed()
    const errors = requests * now.errorShare
    sum = { successes: sum.successes + requests - errors, errors: sum.errors + errors }
    return sum
  }
  const put = (changed: Partial<typeof now>): void => {
    served()
    now = { ...now, ...changed }
  }
  return {
    served,
    get perSecond() {
      return now.perSecond
    },
    set perSecond(perSecond: number) {
      put({ perSecond })
    },
    get errorShare() {
      return now.errorShare
    },
    set errorShare(errorShare: number) {
      put({ errorShare })
    },
  }
}

/** A world in which everything works and nobody errs, at ten requests a second of each arm. */
export function createWorld(store: StateStore = memoryStore()): World {
  const clock = manualClock()
  const taken: number[] = []
  const traffic = countedTraffic(clock)
  const opened = new Map<string, Served>()
  let inForce = ''
  let reads = 0
  let reading = 0
  let mostReads = 0
  let tries = 0
  let canary = counted(0).canary

  const countsOf = (window: string): ByVariant<Summary> => {
    const now = traffic.served()
    const since = opened.get(window) ?? now
    opened.set(window, since)
    const errors = Math.round(now.errors - since.errors)
    const counts = counted(Math.round(now.successes - since.successes) + errors, errors)
    if (world.source !== 'no-canary') canary = counts.canary
    return { ...counts, canary }
  }

  const read: MetricsSource['read'] = async ({ epoch, step }) => {
    reads += 1
    reading += 1
    mostReads = Math.max(mostReads, reading)
    try {
      if (world.source === 'hangs') return await new Promise<never>(() => {})
      if (world.source === 'rejects') throw new Error('prometheus is down')
      return world.source === 'no-data' ? 'no-data' : countsOf(`${epoch}/${step}`)
    } finally {
      reading -= 1
    }
  }

  const apply = async ({ weight, epoch }: TargetSplit): Promise<void> => {
    tries += 1
    if (world.target === 'hangs') return new Promise<never>(() => {})
    if (world.target === 'rejects') throw new Error('the mesh is down')
    const isNew = weight > 0 && inForce !== `${epoch}/${weight}`
    if (isNew) inForce = `${epoch}/${weight}`
    taken.push(weight)
    for (let step = 0; isNew && step <= 3; step += 1) opened.set(`${epoch}/${step}`, traffic.served())
  }

  const world: World = {
    clock,
    store,
    traffic,
    source: 'counts',
    target: 'obeys',
    taken,
    reads: () => reads,
    tries: () => tries,
    mostReads: () => mostReads,
    make: (options) =>
      createController({
        name: 'sentiment',
        versions: { baseline: 'v1', canary: 'v2' },
        plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 100 }),
        warmUp: { weight: 2, durationMs: 30_000 },
        guardrails: [errorRate({ margin: 0.02 })],
        judge: thresholdJudge({ minSamples: 50 }),
        source: { read },
        target: { apply },
        store,
        clock,
        ...options,
      }),
  }
  return world
}

/** Everything of one kind that a controller says from now on. */
export function heard<Name extends keyof CanaryEvents>(
  controller: Pick<Controller, 'on'>,
  name: Name,
): CanaryEvents[Name][] {
  const events: CanaryEvents[Name][] = []
  controller.on(name, (event) => events.push(event))
  return events
}
