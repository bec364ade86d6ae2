import { createCanary, errorRate, linearPlan } from '@model-canary/core'
import type { OperatedRollout } from '@model-canary/core/adapter'
import { createController, type Drift, memoryStore } from '@model-canary/core/controller'
import { manualClock } from '@model-canary/testing'
import { world } from './worlds.fixture.js'

/** A rollout in a state that a person may find it in, and the words that the page has for it. */
export interface PlayedState {
  readonly rollout: OperatedRollout
  readonly words: string
}

/** Plays a rollout into each state that a person may find it in. */
export const STATES = {
  async healthy() {
    return { rollout: (await world(300)).canary, words: 'In progress' }
  },
  async holding() {
    const { canary, play } = await world(60, {
      plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 100, gate: 'manual' }),
    })
    while (canary.status().waitingFor !== 'gate') await play(15)
    return { rollout: canary, words: 'Waits for approval' }
  },
  async 'rolled-back'() {
    const { canary, play, traffic } = await world(200)
    traffic.errors.canary = 0.15
    while (canary.status().state !== 'rolled-back') await play(5)
    await play(30)
    return { rollout: canary, words: 'Rolled back' }
  },
  async promoted() {
    const { canary, play } = await world(600)
    while (canary.status().state !== 'promoted') await play(30)
    return { rollout: canary, words: 'Promoted' }
  },
  async 'no-data'() {
    return { rollout: (await world(240, { traffic: { isSeen: false } })).canary, words: 'No data' }
  },
  async 'store-down'() {
    const clock = manualClock({ startMs: Date.now() - 120_000 })
    const kept = memoryStore()
    let isDown = false
    const whileUp = <Answer>(ask: () => Promise<Answer>) => (isDown ? Promise.reject(new Error('no route')) : ask())
    const canary = createCanary({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      plan: linearPlan([10, 50, 100]),
      logger: false,
      store: {
        ...kept,
        load: (signal) => whileUp(() => kept.load(signal)),
        write: (change, signal) => whileUp(() => kept.write(change, signal)),
      },
      clock,
    })
    await canary.start()
    await clock.advance(60_000)
    isDown = true
    await clock.advance(60_000)
    return { rollout: canary, words: 'Store down' }
  },
  async drift() {
    const clock = manualClock({ startMs: Date.now() - 300_000 })
    let tell: ((drift: Drift | null) => void) | undefined
    const controller = createController({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      plan: linearPlan([10, 50, 100]),
      guardrails: [errorRate({ margin: 0.02 })],
      source: { read: async () => 'no-data' },
      target: {
        apply: async () => {},
        watch(listener) {
          tell = listener
          return () => {}
        },
      },
      logger: false,
      clock,
    })
    await controller.start()
    await clock.advance(60_000)
    tell?.({ weight: 40, message: 'the route gives the canary 40 %, and 2 % had been applied' })
    await clock.advance(20_000)
    return { rollout: controller, words: 'Drift' }
  },
} as const satisfies Record<string, () => Promise<PlayedState>>
