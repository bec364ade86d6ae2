import { systemClock } from '@model-canary/core'
import { memoryStore } from '@model-canary/core/controller'
import { describe, expectTypeOf, it } from 'vitest'
import {
  type Quantiles,
  type RollbackReason,
  type Share,
  type SimulatedRollouts,
  simulate,
  simulateRollouts,
} from './index.js'

const traffic = { requestsPerSecond: 50, baseline: {}, canary: {} } as const

describe('simulate', () => {
  it('asks for traffic and two versions, and has a default for all else', () => {
    expectTypeOf(simulate).toBeCallableWith(traffic)
    // @ts-expect-error: nobody knows how many requests come
    simulate({ baseline: {}, canary: {} })
  })

  it('sets the clock itself', () => {
    // @ts-expect-error: time is virtual
    simulate({ ...traffic, rollout: { clock: systemClock } })
  })

  it('tells of users where there are keys', async () => {
    const { users } = await simulate(traffic)
    expectTypeOf(users).toEqualTypeOf<{ readonly baseline: number; readonly canary: number } | null>()
  })
})

describe('simulateRollouts', () => {
  it('takes what one simulation takes, and how often', () => {
    expectTypeOf(simulateRollouts).toBeCallableWith({
      ...traffic,
      replications: 10,
      onProgress: ({ finished }) => finished,
    })
    expectTypeOf(simulateRollouts).returns.resolves.toEqualTypeOf<SimulatedRollouts>()
  })

  it('takes no store: it would carry one rollout into the next', () => {
    // @ts-expect-error: each rollout has its own
    simulateRollouts({ ...traffic, rollout: { store: memoryStore() } })
  })

  it('says what may be missing: times that nothing took, and users without keys', () => {
    expectTypeOf<SimulatedRollouts['timeToPromotionMs']>().toEqualTypeOf<Quantiles | null>()
    expectTypeOf<SimulatedRollouts['canaryUsers']>().toEqualTypeOf<Quantiles | null>()
    expectTypeOf<SimulatedRollouts['canaryRequests']>().toEqualTypeOf<Quantiles>()
    expectTypeOf<SimulatedRollouts['rolledBack']>().toEqualTypeOf<Share>()
    expectTypeOf<SimulatedRollouts['reasons']>().toEqualTypeOf<readonly RollbackReason[]>()
  })
})
