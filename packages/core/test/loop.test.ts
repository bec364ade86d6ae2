import { createCanary, errorRate, latency, linearPlan, randomStrategy } from '@model-canary/core'
import { manualClock, seededRandom } from '@model-canary/testing'
import { expect, it } from 'vitest'

const make = (canaryFails: boolean) => {
  const clock = manualClock()
  const canary = createCanary({
    name: 'loop',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([10, 25, 50, 100], { minDurationMs: 60_000, minRequests: 100 }),
    guardrails: [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })],
    strategy: randomStrategy({ random: seededRandom(1) }),
    clock,
  })
  const predict = canary.wrap({
    baseline: (x: number) => x,
    canary: (x: number) => {
      if (canaryFails && x % 5 === 0) throw new Error('broken')
      return x
    },
  })
  return { clock, canary, predict }
}

it('promotes a good canary', async () => {
  const { clock, canary, predict } = make(false)
  await canary.start()
  for (let second = 0; second < 1_200 && canary.status().state !== 'promoted'; second++) {
    for (let i = 0; i < 50; i++) predict(i)
    await clock.advance(1_000)
  }
  expect(canary.status()).toMatchObject({ state: 'promoted', weight: 100 })
  const moves = (await canary.history()).toReversed().filter(({ action }) => action !== 'hold')
  expect(moves.map(({ action, now }) => [action, now.weight])).toEqual([
    ['start', 0],
    ['advance', 2],
    ['advance', 10],
    ['advance', 25],
    ['advance', 50],
    ['advance', 90],
    ['promote', 100],
  ])
})

it('counts every request of a step once, whatever the number of looks', async () => {
  const { clock, canary, predict } = make(false)
  await canary.start()
  for (let second = 0; second < 120; second++) {
    for (let i = 0; i < 50; i++) predict(i)
    await clock.advance(1_000)
  }
  const { v1, v2 } = canary.metrics({ window: 'step' })
  expect(canary.status().requests).toEqual({ baseline: v1.requestCount, canary: v2.requestCount })
})

it('rolls a bad canary back', async () => {
  const { clock, canary, predict } = make(true)
  await canary.start()
  for (let second = 0; second < 600 && canary.status().state !== 'rolled-back'; second++) {
    for (let i = 0; i < 50; i++) attempt(() => predict(i))
    await clock.advance(1_000)
  }
  expect(canary.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
})

function attempt(call: () => unknown): void {
  try {
    call()
  } catch {}
}

it('does not use calls as evidence that the baseline served while the canary was cold', async () => {
  const clock = manualClock()
  let finishWarmUp = () => {}
  const canary = createCanary({
    name: 'cold',
    versions: { baseline: 'v1', canary: 'v2' },
    warmUp: { run: () => new Promise<void>((resolve) => (finishWarmUp = resolve)) },
    clock,
  })
  await canary.start()
  for (let i = 0; i < 50; i++) canary.begin().end()
  expect(canary.assign()).toMatchObject({ variant: 'baseline', reason: 'disabled' })
  finishWarmUp()
  await clock.advance(15_000)
  expect(canary.status()).toMatchObject({ state: 'warming', weight: 2, requests: { baseline: 0, canary: 0 } })
  expect(canary.metrics().v1.requestCount).toBe(50)
})
