import type { Strategy } from '@model-canary/core'
import { createCanary, linearPlan } from '@model-canary/core'
import { type CanaryProviderOptions, canaryProvider } from '@model-canary/openfeature'
import { manualClock } from '@model-canary/testing'
import { OpenFeature } from '@openfeature/server-sdk'
import { afterEach, expect, it } from 'vitest'

/** The canary serves the users that it served before and, from 50 percent, all users. */
const widening: Strategy = {
  name: 'widening',
  unit: 'key',
  pick: ({ key }, weight) => (weight >= 50 || (weight > 0 && key === 'ann') ? 'canary' : 'baseline'),
}

const make = (name = 'sentiment') =>
  createCanary({
    name,
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: widening,
    plan: linearPlan([5, 50, 100]),
    clock: manualClock(),
  })

const started = async (options?: CanaryProviderOptions) => {
  const canary = make()
  await canary.start()
  await canary.promote()
  await OpenFeature.setProviderAndWait(canaryProvider(canary, options))
  const client = OpenFeature.getClient()
  const ask = (targetingKey: string) => client.getStringValue('sentiment', 'none', { targetingKey })
  return { canary, client, ask }
}

afterEach(async () => {
  await OpenFeature.close()
  await OpenFeature.clearProviders()
})

it('records an event’s number for the version that the user was assigned', async () => {
  const { canary, client, ask } = await started()
  expect([await ask('ann'), await ask('ben')]).toEqual(['v2', 'v1'])
  client.track('purchase', { targetingKey: 'ann' }, { value: 12.5 })
  client.track('purchase', { targetingKey: 'ben' }, { value: 0 })
  const { v1, v2 } = canary.metrics({ window: 'step' })
  expect(v1.metrics).toEqual({ purchase: { count: 1, mean: 0 } })
  expect(v2.metrics).toEqual({ purchase: { count: 1, mean: 12.5 } })
  expect([v1.requestCount, v2.requestCount]).toEqual([0, 0])
})

it('records it for that version after a change of the weight too, and not as evidence for the new step', async () => {
  const { canary, client, ask } = await started()
  expect(await ask('ben')).toBe('v1')
  await canary.promote()
  expect(canary.assign({ key: 'ben' }).version).toBe('v2')
  client.track('purchase', { targetingKey: 'ben' }, { value: 3 })
  expect(canary.metrics().v1.metrics).toEqual({ purchase: { count: 1, mean: 3 } })
  expect(canary.metrics().v2.metrics).toEqual({})
  expect(canary.metrics({ window: 'step' }).v1.metrics).toEqual({})
})

it('records nothing for a user without an assignment, or without a key', async () => {
  const { canary, client } = await started()
  client.track('purchase', { targetingKey: 'zoe' }, { value: 3 })
  client.track('purchase', {}, { value: 3 })
  client.track('purchase', { targetingKey: '' }, { value: 3 })
  expect(canary.metrics().v1.metrics).toEqual({})
  expect(canary.metrics().v2.metrics).toEqual({})
})

it('forgets the users who were assigned longest ago, so that memory is bounded', async () => {
  const { canary, client, ask } = await started({ rememberedKeys: 2 })
  for (const key of ['ben', 'cem', 'ben', 'dan']) await ask(key)
  for (const key of ['ben', 'cem', 'dan']) client.track('purchase', { targetingKey: key }, { value: 1 })
  expect(canary.metrics().v1.metrics).toEqual({ purchase: { count: 2, mean: 1 } })
})

it('remembers no users if that is turned off', async () => {
  const { canary, client, ask } = await started({ rememberedKeys: 0 })
  await ask('ben')
  client.track('purchase', { targetingKey: 'ben' }, { value: 1 })
  expect(canary.metrics().v1.metrics).toEqual({})
})

it('ignores an event without a number, whose mean would be the same on both arms', async () => {
  const { canary, client, ask } = await started()
  await ask('ben')
  client.track('purchase', { targetingKey: 'ben' })
  client.track('purchase', { targetingKey: 'ben' }, { value: '3' as unknown as number })
  expect(canary.metrics().v1.metrics).toEqual({})
  expect(canary.status().internalErrors).toEqual({})
})

it('accepts only the named events, and reports one without a number', async () => {
  const { canary, client, ask } = await started({ trackedEvents: ['purchase'] })
  await ask('ben')
  client.track('page-view', { targetingKey: 'ben' }, { value: 1 })
  client.track('page-view', { targetingKey: 'ben' })
  expect(canary.status().internalErrors).toEqual({})
  client.track('purchase', { targetingKey: 'ben' }, { value: 2 })
  client.track('purchase', { targetingKey: 'ben' })
  expect(canary.metrics().v1.metrics).toEqual({ purchase: { count: 1, mean: 2 } })
  expect(canary.status().internalErrors).toEqual({ INVALID_METRIC: 1 })
})

it('accepts an event called __proto__, and refuses NaN as its number', async () => {
  const { canary, client, ask } = await started()
  await ask('ben')
  client.track('__proto__', { targetingKey: 'ben' }, { value: 1 })
  client.track('purchase', { targetingKey: 'ben' }, { value: Number.NaN })
  expect(Object.entries(canary.metrics().v1.metrics)).toEqual([['__proto__', { count: 1, mean: 1 }]])
  expect(canary.status().internalErrors).toEqual({ INVALID_METRIC: 1 })
})

it('records for every flag that the user was assigned, and for no other', async () => {
  const canaries = { one: make('one'), two: make('two'), three: make('three') }
  await OpenFeature.setProviderAndWait(canaryProvider(canaries, { start: true }))
  const client = OpenFeature.getClient()
  await client.getBooleanValue('one', false, { targetingKey: 'ben' })
  await client.getObjectValue('two', {}, { targetingKey: 'ben' })
  client.track('purchase', { targetingKey: 'ben' }, { value: 4 })
  const counts = Object.values(canaries).map((canary) => canary.metrics().v1.metrics.purchase?.count ?? 0)
  expect(counts).toEqual([1, 1, 0])
})
