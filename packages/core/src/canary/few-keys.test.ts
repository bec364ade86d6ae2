import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { linearPlan } from '../rollout/plan.js'
import { stickyStrategy } from '../routing/sticky.js'
import type { CanaryOptions } from './canary-options.js'
import { createCanary } from './create-canary.js'

const strategy = await stickyStrategy({ salt: 's' })
const isOfCanary = (key: string): boolean => strategy.bucketOf({ key })! < 1_000

const NAMES = Array.from({ length: 100 }, (_, at) => `tenant ${at}`)
const OF_CANARY = NAMES.find(isOfCanary)!
const OF_BASELINE = NAMES.filter((name) => !isOfCanary(name)).slice(0, 8)

/** A rollout whose first step has 10 %, unless its options say otherwise, and what it alerts about. */
async function rollout(options: Partial<CanaryOptions<'v1' | 'v2'>> = {}) {
  const clock = manualClock()
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    ...{ clock, strategy, plan: linearPlan([10, 100]), warmUp: { durationMs: 0 }, logger: false },
    onSilence: { action: 'rollback' },
    ...options,
  })
  const alerts: string[] = []
  canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  await canary.start()
  await clock.advance(0)
  const serve = async (minutes: number, call: () => void) => {
    for (let second = 0; second < 60 * minutes; second++) {
      call()
      await clock.advance(1_000)
    }
  }
  const success = (key: string) => canary.begin({ key }).end()
  return { canary, alerts, serve, success }
}

describe('a split of keys of which none is in the share of the canary', () => {
  it('is named as the cause of its silence, and rolls nothing back', async () => {
    const { canary, alerts, serve, success } = await rollout()
    await serve(10, () => {
      for (let call = 0; call < 24; call++) success(OF_BASELINE[call % 8]!)
    })
    const cause =
      'no request has a key of its 10 %: with few keys, take larger weights (plan, warmUp) or split by request'
    expect(alerts).toEqual([`no-data: no finished request of the canary, 2 min: ${cause}`])
    expect(canary.status()).toMatchObject({
      state: 'progressing',
      lastDecision: { reason: `no finished request of the canary for 10 min: ${cause}` },
    })
    expect(canary.explain()).toContain(`10 min: ${cause}`)
    expect(canary.explain()).not.toContain('deployed')
  })

  it('is no longer the cause once the canary has begun a request', async () => {
    const { canary, serve, success } = await rollout()
    canary.begin({ key: OF_CANARY })
    await serve(4, () => {
      for (let call = 0; call < 8; call++) success(OF_BASELINE[call % 8]!)
    })
    expect(canary.explain()).toContain('is v2 deployed and reached?')
  })
})

describe('a share of the baseline of which no key is', () => {
  it('is told of after two minutes', async () => {
    const isOfBaseline = (key: string): boolean => strategy.bucketOf({ key })! >= 9_000
    const keys = NAMES.filter((name) => !isOfBaseline(name)).slice(0, 8)
    const { canary, alerts, serve, success } = await rollout({ plan: linearPlan([90, 100]) })
    await serve(5, () => {
      for (let call = 0; call < 24; call++) success(keys[call % 8]!)
    })
    const cause =
      "no request has a key of the baseline's 10 %: with few keys, take no holdback (bake) or split by request"
    expect(alerts).toContain(`no-data: waiting for requests: ${cause}`)
    expect(canary.explain()).toContain(cause)
  })
})

describe('a canary that rejects all requests of its only tenant', () => {
  const refuse = async ({ canary, serve, success }: Awaited<ReturnType<typeof rollout>>) =>
    serve(4, () => {
      for (let call = 0; call < 8; call++) success(OF_BASELINE[call % 8]!)
      canary.begin({ key: OF_CANARY }).end({ outcome: 'rejected' })
    })

  it('is rolled back by the default guardrails', async () => {
    const staged = await rollout()
    await refuse(staged)
    expect(staged.canary.status()).toMatchObject({
      state: 'rolled-back',
      reason: expect.stringMatching(/^rejectedRate/),
    })
  })

  it('is not said to be out of reach where no guardrail looks at it', async () => {
    const staged = await rollout({ guardrails: [errorRate()] })
    const { canary, alerts } = staged
    await refuse(staged)
    expect(alerts.join()).toMatch(/no-data: .* of the canary, 2 min: all of its \d+ requests were rejected because of/)
    expect(canary.explain()).not.toContain('deployed')
  })
})
