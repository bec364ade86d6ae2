import type { RoutingRequest } from '@model-canary/core'
import { errorRate, linearPlan, stickyStrategy } from '@model-canary/core'
import { type CallContext, simulate, userKeys } from '@model-canary/testing'
import { expect, it } from 'vitest'
import { countryWaves } from '../src/country-waves.js'

/** Keys such as "US/user-17": a quarter of the users are in the United States. */
const users = userKeys({ users: 20_000, exponent: 0 })
const keyOf = (random: () => number) => `${random() < 0.25 ? 'US' : 'NZ'}/${users(random)}`
const countryOf = ({ key }: RoutingRequest) => key?.split('/')[0]

const rollOut = (canary: (context: CallContext) => 'success' | 'error', seed: number) =>
  simulate({
    seed,
    requestsPerSecond: 40,
    keyOf,
    strategy: async () => countryWaves(await stickyStrategy({ salt: 'x' }), { opensAt: { US: 50 }, countryOf }),
    baseline: { errorRate: 0.01, latencyMs: { mean: 50 } },
    canary: (context) => ({ durationMs: 50, outcome: canary(context) }),
    rollout: {
      plan: linearPlan([10, 25, 50, 100], { minDurationMs: 60_000, minRequests: 300 }),
      guardrails: [errorRate({ margin: 0.05 })],
    },
  })

it('promotes a good canary, whichever countries wait', async () => {
  for (const seed of [1, 2, 3]) {
    const { status } = await rollOut(({ random }) => (random() < 0.01 ? 'error' : 'success'), seed)
    expect(status).toMatchObject({ state: 'promoted', weight: 100 })
  }
})

it('finds harm that only a waiting country has, when that country opens and not before', async () => {
  const failsInTheUs = ({ key, random }: CallContext) => (key?.startsWith('US') && random() < 0.4 ? 'error' : 'success')
  const { status, history, requests } = await rollOut(failsInTheUs, 1)
  expect(status.state).toBe('rolled-back')
  expect(history[0]).toMatchObject({ action: 'rollback', step: 3, weight: 50 })
  expect(requests.canary).toBeGreaterThan(300)
})
