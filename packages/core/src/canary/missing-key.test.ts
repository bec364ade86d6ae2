import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { linearPlan } from '../rollout/plan.js'
import { randomStrategy } from '../routing/random.js'
import { stickyStrategy } from '../routing/sticky.js'
import type { RoutingInput, Strategy } from '../routing/strategy.js'
import { createCanary } from './create-canary.js'

const ADVICE = 'the middleware and wrap take the option "key", a function that returns the user\'s id'

/** A rollout at its first step, and what it alerts about. */
async function rollout(strategy: Strategy | Promise<Strategy> = stickyStrategy({ salt: 's' })) {
  const clock = manualClock()
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    ...{ clock, strategy, plan: linearPlan([50, 100]), warmUp: { durationMs: 0 }, logger: false },
  })
  const alerts: string[] = []
  canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  await canary.start()
  await clock.advance(0)
  const serve = (count: number, request: RoutingInput = {}) => {
    for (let call = 0; call < count; call++) canary.begin(request).end()
  }
  return { canary, clock, alerts, serve }
}

describe('a split of keys without a single key', () => {
  it('raises one alert at the hundredth request, which names the option', async () => {
    const { alerts, serve } = await rollout()
    serve(99)
    expect(alerts).toEqual([])
    serve(2_851)
    const counted = '100 of 100 requests in this step had no usable key, and they count for neither version'
    expect(alerts).toEqual([`key: ${counted}: ${ADVICE}`])
  })

  it('raises it again in the next epoch', async () => {
    const { canary, clock, alerts, serve } = await rollout()
    serve(500)
    await canary.rollback()
    serve(500)
    await canary.retry()
    await clock.advance(0)
    serve(500)
    expect(alerts).toHaveLength(2)
  })

  it('is what the status and explain() say the step waits for', async () => {
    const { canary, serve } = await rollout()
    serve(99)
    expect(canary.status().waits).not.toContainEqual(expect.objectContaining({ what: 'requests with a key' }))
    expect(canary.explain()).not.toContain('key')
    serve(1)
    expect(canary.status().waits[0]).toEqual({ for: 'data', what: 'requests with a key', have: 0, need: 1 })
    expect(canary.explain()).toContain('Waiting for data: no finished request of the canary yet: 100 of 100 requests')
    expect(canary.explain()).toContain(`${ADVICE}.`)
  })

  it('is the cause that the alert about missing data names', async () => {
    const { canary, clock, alerts, serve } = await rollout()
    for (let minute = 0; minute < 5; minute++) {
      serve(590)
      await clock.advance(60_000)
    }
    const [, noData] = alerts
    expect(noData).toMatch(/^no-data: no finished request of the canary, 2 min: (\d+) of \1 requests in this step/)
    expect(noData).toContain(ADVICE)
    expect(alerts).toHaveLength(2)
    expect(canary.status().lastDecision?.reason).toMatch(/: 2950 of 2950 requests in this step had no usable key/)
    expect(canary.explain()).toContain('since 00:00 UTC, 5 min: 2950 of 2950 requests in this step had no usable key')
  })
})

describe('nothing is said of missing keys', () => {
  it('where a few requests have none', async () => {
    const { canary, clock, alerts, serve } = await rollout()
    serve(1, { key: 'ada' })
    serve(5_000, {})
    await clock.advance(1_000)
    expect(alerts).toEqual([])
    expect(canary.status().waits).not.toContainEqual(expect.objectContaining({ what: 'requests with a key' }))
  })

  it('where requests are split one by one', async () => {
    const { canary, alerts, serve } = await rollout(randomStrategy())
    serve(5_000)
    expect(alerts).toEqual([])
    expect(canary.explain()).not.toContain('key')
  })
})
