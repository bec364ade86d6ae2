import { errorRate, linearPlan } from '@model-canary/core'
import { createController, type StoredRollout } from '@model-canary/core/controller'
import { type FakeKubeApi, fakeKubeApi, storeContract } from '@model-canary/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { configMapStore } from './config-map-store.js'
import { createKube } from './kube/create-kube.js'
import { until } from './target/world.fixture.js'

const PATH = '/api/v1/namespaces/models/configmaps/rollout'

let api: FakeKubeApi
beforeEach(async () => {
  api = await fakeKubeApi({ namespaces: ['models'] })
})
afterEach(() => api.close())

const storeOf = () => {
  const kube = createKube({ server: api.url, credentials: async () => ({ token: api.token }) }, { retries: 0 })
  return configMapStore({ kube, namespace: 'models', name: 'rollout' })
}
storeContract({ it }, 'configMapStore', () => ({ open: storeOf }))

const rollout = (revision: number, savedAt = 0) => ({ revision, savedAt }) as StoredRollout

it('holds nothing at first, then what was written last', async () => {
  const store = storeOf()
  expect(await store.load()).toBeUndefined()
  expect(await store.compareAndSet(rollout(1), 0)).toBe(true)
  expect(await store.compareAndSet(rollout(2, 77), 1)).toBe(true)
  expect(await storeOf().load()).toEqual(rollout(2, 77))
})

it('refuses a write that expects another revision', async () => {
  const store = storeOf()
  await store.compareAndSet(rollout(1), 0)
  expect(await store.compareAndSet(rollout(1, 5), 0)).toBe(false)
  expect(await store.compareAndSet(rollout(3, 5), 2)).toBe(false)
  expect(await store.load()).toEqual(rollout(1))
})

it.each([0, 1])('lets exactly one of ten writers win, at revision %i', async (expected) => {
  if (expected === 1) await storeOf().compareAndSet(rollout(1), 0)
  const writes = Array.from({ length: 10 }, (_, savedAt) =>
    storeOf().compareAndSet(rollout(expected + 1, savedAt), expected),
  )
  const won = await Promise.all(writes)
  expect(won.filter(Boolean)).toHaveLength(1)
  expect((await storeOf().load())?.savedAt).toBe(won.indexOf(true))
})

it('keeps the other members of the ConfigMap', async () => {
  api.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'rollout', namespace: 'models' },
    data: { mine: 'yes' },
  })
  await storeOf().compareAndSet(rollout(1), 0)
  expect(api.peek(PATH)?.data).toEqual({ mine: 'yes', 'rollout.json': '{"revision":1,"savedAt":0}' })
})

it('reports writes by others until it is unsubscribed', async () => {
  const heard: number[] = []
  const store = storeOf()
  const stop = store.subscribe(({ revision }) => heard.push(revision))
  await storeOf().compareAndSet(rollout(1), 0)
  await until(() => heard.includes(1))
  await storeOf().compareAndSet(rollout(2), 1)
  await until(() => heard.includes(2))
  stop()
  await until(() => api.watchCount === 0)
})

it('reports a state that is not JSON', async () => {
  const data = { 'rollout.json': '{' }
  api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'rollout', namespace: 'models' }, data })
  await expect(storeOf().load()).rejects.toMatchObject({ code: 'INVALID_STATE' })
})

it('succeeds if its write was accepted and only the answer was lost', async () => {
  const kube = createKube({ server: api.url, credentials: async () => ({ token: api.token }) }, { random: () => 0 })
  const store = configMapStore({ kube, namespace: 'models', name: 'rollout' })
  await store.compareAndSet(rollout(1), 0)
  const lossy: typeof kube = {
    ...kube,
    mergePatch: async (address, patch, signal) => {
      await kube.mergePatch(address, patch, signal)
      return kube.mergePatch(address, patch, signal) // what the client does when it hears nothing
    },
  }
  const other = configMapStore({ kube: lossy, namespace: 'models', name: 'rollout' })
  expect(await other.compareAndSet(rollout(2), 1)).toBe(true)
  expect(await store.compareAndSet(rollout(2), 1)).toBe(false)
})

it('refuses a state that no ConfigMap can hold', async () => {
  const wide = { ...rollout(1), turns: ['é'.repeat(600_000)] } as unknown as StoredRollout
  await expect(storeOf().compareAndSet(wide, 0)).rejects.toMatchObject({ code: 'STORE_FAILED' })
  const large = { ...rollout(1), turns: ['x'.repeat(1_100_000)] } as unknown as StoredRollout
  await expect(storeOf().compareAndSet(large, 0)).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

it('keeps a rollout through a restart: the next controller continues in the same step', async () => {
  const controllerOf = () =>
    createController({
      name: 'sentiment',
      plan: linearPlan([10, 100]),
      warmUp: { durationMs: 0 },
      guardrails: [errorRate()],
      source: { read: async () => 'no-data' },
      target: { apply: async () => {} },
      store: storeOf(),
    })
  const first = controllerOf()
  await first.start({ reason: 'release 7' })
  await first.close()
  const second = controllerOf()
  const { state, step, weight } = await second.start()
  expect({ state, step, weight }).toEqual({ state: 'progressing', step: 1, weight: 10 })
  expect(await second.history()).toMatchObject([{}, { action: 'start', reason: 'release 7' }])
  await second.close()
})

it('refuses an invalid client', () => {
  expect(() => configMapStore({ namespace: 'models', name: 'rollout' } as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})
