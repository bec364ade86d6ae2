import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import { linearPlan } from '../rollout/plan.js'
import { createBucketer } from './md5.js'
import { randomStrategy } from './random.js'
import { stickyStrategy } from './sticky.js'
import type { RoutingInput, Strategy } from './strategy.js'

const bucketOf = await createBucketer()

/** A salt that puts a key into the canary's first two percent. */
function saltFor(key: string): string {
  for (let at = 0; ; at++) if (bucketOf(key, `s${at}`) < 200) return `s${at}`
}

/** A rollout at its first step, and what it alerts about. */
async function rollout(strategy: Strategy | Promise<Strategy>, weight = 10) {
  const clock = manualClock()
  const plan = linearPlan([weight, 100], { minDurationMs: 60_000 })
  const versions = { baseline: 'v1', canary: 'v2' }
  const canary = createCanary({ name: 'shares', versions, clock, strategy, plan, warmUp: { durationMs: 0 } })
  const alerts: string[] = []
  canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  await canary.start()
  await clock.advance(0)
  const serve = (count: number, request: () => RoutingInput) => {
    for (let call = 0; call < count; call++) canary.begin(request()).end()
  }
  return { canary, clock, alerts, serve }
}

const byTenant: Strategy = {
  name: 'by-tenant',
  unit: 'key',
  pick: ({ key = '' }, weight) =>
    key === 'contoso' || bucketOf(key, 'tenants') < weight * 100 ? 'canary' : 'baseline',
}

/** Draws users whose traffic falls as 1/rank: of 5,000 the first has 11 % of all requests. */
function zipf(random: () => number) {
  const cumulative: number[] = []
  for (let rank = 1; rank <= 5_000; rank++) cumulative.push((cumulative.at(-1) ?? 0) + 1 / rank)
  return () => {
    const at = random() * cumulative.at(-1)!
    return { key: `user-${cumulative.findIndex((sum) => sum >= at)}` }
  }
}

describe('a key that half of all requests have', () => {
  it('raises one alert that names its bucket and never the key, and the status shows the real share', async () => {
    const random = seededRandom(3)
    const salt = saltFor('gateway-7')
    const { canary, alerts, serve } = await rollout(stickyStrategy({ salt }))
    serve(5_000, () => ({ key: random() < 0.5 ? 'gateway-7' : `user-${Math.floor(random() * 5_000)}` }))
    expect(canary.status()).toMatchObject({ weight: 10, share: expect.closeTo(55, -1), withoutKey: 0 })
    expect(alerts).toEqual([
      expect.stringContaining(`at a weight of 10 %, because one key (bucket ${bucketOf('gateway-7', salt)})`),
    ])
    expect(alerts.join()).not.toContain('gateway-7')
  })

  it('raises an alert with a custom strategy as well', async () => {
    const { alerts, serve } = await rollout(byTenant)
    let call = 0
    serve(3_000, () => ({ key: call++ % 2 === 0 ? 'contoso' : `b-${call % 700}` }))
    expect(alerts).toEqual([
      expect.stringMatching(/^share: the canary gets 5\d(\.\d)? % .* because one key has 50 % of all/),
    ])
  })

  it('raises an alert again in the next epoch', async () => {
    const { canary, clock, alerts, serve } = await rollout(byTenant)
    serve(1_000, () => ({ key: 'contoso' }))
    await canary.rollback()
    serve(1_000, () => ({ key: 'contoso' }))
    await canary.retry()
    await clock.advance(0)
    serve(1_000, () => ({ key: 'contoso' }))
    expect(alerts.filter((alert) => alert.startsWith('share'))).toHaveLength(2)
  })
})

describe('no alert is raised', () => {
  it('for users with the usual uneven traffic while the share is near the weight', async () => {
    const { canary, alerts, serve } = await rollout(stickyStrategy({ salt: 'even' }))
    serve(20_000, zipf(seededRandom(5)))
    expect(Math.abs(canary.status().share! - 10)).toBeLessThan(5)
    expect(alerts).toEqual([])
  })

  it('if requests are split instead of users, whatever their users', async () => {
    const { canary, alerts, serve } = await rollout(randomStrategy({ random: seededRandom(7) }))
    serve(5_000, () => ({ key: 'gateway-7' }))
    expect(canary.status().share).toBeCloseTo(10, -1)
    expect(alerts).toEqual([])
  })

  it('for fewer than a thousand requests', async () => {
    const { alerts, serve } = await rollout(byTenant)
    serve(999, () => ({ key: 'contoso' }))
    expect(alerts).toEqual([])
    serve(1, () => ({ key: 'contoso' }))
    expect(alerts).toHaveLength(1)
  })
})

describe('an invalid key', () => {
  it('raises one alert, is counted in the status, and does not count as evidence', async () => {
    const { canary, alerts, serve } = await rollout(stickyStrategy({ salt: 's' }))
    const values = ['undefined', '', 'null', '[object Object]', Number.NaN, undefined]
    for (const key of values) serve(1, () => ({ key }))
    serve(1, () => ({ key: 42 }))
    expect(alerts).toEqual([
      expect.stringMatching(/^key: the key "undefined" is not a valid key.*pass the user's own id/),
    ])
    expect(canary.status()).toMatchObject({ withoutKey: 6 })
    expect(canary.status().internalErrors).toEqual({})
    expect(canary.counts({ window: 'step' }).baseline.begun + canary.counts({ window: 'step' }).canary.begun).toBe(1)
  })
})

describe('the share of a status', () => {
  it('is null before there is traffic, and after the end', async () => {
    const { canary, serve } = await rollout(byTenant)
    expect(canary.status().share).toBeNull()
    serve(4, () => ({ key: 'contoso' }))
    expect(canary.status().share).toBe(100)
    await canary.rollback()
    expect(canary.status().share).toBeNull()
  })
})

it('counts a request once, even if it makes several calls', async () => {
  const { canary, alerts } = await rollout(byTenant)
  const { assignment } = canary.begin({ key: 'contoso' })
  for (let call = 0; call < 2_000; call++) canary.begin({ key: 'contoso', like: assignment }).end()
  expect(alerts).toEqual([])
})
