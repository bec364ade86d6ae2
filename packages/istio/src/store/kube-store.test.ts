import { errorRate, linearPlan } from '@model-canary/core'
import {
  createController,
  type Head,
  idleState,
  type RecordWrite,
  type StateStore,
} from '@model-canary/core/controller'
import { type FakeKubeApi, fakeKubeApi, storeContract } from '@model-canary/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKube } from '../kube/create-kube.js'
import { until } from '../target/world.fixture.js'
import { kubeStore } from './kube-store.js'

const PATH = '/api/v1/namespaces/models/configmaps/rollout'

let api: FakeKubeApi
beforeEach(async () => {
  api = await fakeKubeApi({ namespaces: ['models'] })
})
afterEach(() => api.close())

const storeOf = () => {
  const kube = createKube({ server: api.url, credentials: async () => ({ token: api.token }) }, { retries: 0 })
  return kubeStore({ kube, namespace: 'models', name: 'rollout' })
}

storeContract({ it }, 'kubeStore', () => ({ open: storeOf }), { hasReports: false, hasPoints: false })

/** A head with the members that the store reads, and one that it only keeps. */
const head = (rev: number, tag = `a.${rev}`) => ({ rev, tag, state: idleState }) as Head

const never = new AbortController().signal

/** Writes a head over the one with this revision; returns what the store answers. */
async function put(store: StateStore, next: Head, over: number, others: Partial<RecordWrite> = {}): Promise<string> {
  const expect = over === 0 ? null : `a.${over}`
  return (await store.write({ expect, head: next, ...others }, never)).kind
}

it('holds nothing at first, then what was written last', async () => {
  const store = storeOf()
  expect(await store.load(never)).toBeUndefined()
  expect(await put(store, head(1), 0)).toBe('written')
  expect(await put(store, head(2), 1)).toBe('written')
  expect(await storeOf().load(never)).toEqual({ head: head(2), body: null, history: [] })
})

it('refuses a write that expects another head, and returns the stored one', async () => {
  const store = storeOf()
  await put(store, head(1), 0)
  expect(await put(store, head(2), 0)).toBe('moved')
  expect(await store.write({ expect: 'a.2', head: head(3) }, never)).toEqual({ kind: 'moved', head: head(1) })
  expect((await store.load(never))?.head).toEqual(head(1))
})

it.each([0, 1])('lets exactly one of ten writers win, at revision %i', async (over) => {
  if (over === 1) await put(storeOf(), head(1), 0)
  const writes = Array.from({ length: 10 }, (_, writer) => put(storeOf(), head(over + 1, `${writer}.1`), over))
  const answers = await Promise.all(writes)
  expect(answers.filter((kind) => kind === 'written')).toHaveLength(1)
  expect((await storeOf().load(never))?.head.tag).toBe(`${answers.indexOf('written')}.1`)
})

it('keeps the other members of the ConfigMap', async () => {
  api.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'rollout', namespace: 'models' },
    data: { mine: 'yes' },
  })
  await put(storeOf(), head(1), 0)
  const stored = JSON.stringify({ head: head(1), body: null, history: [] })
  expect(api.peek(PATH)?.data).toEqual({ mine: 'yes', 'rollout.json': stored })
})

it('tells of writes by others until that is ended', async () => {
  const heard: number[] = []
  const store = storeOf()
  const stop = store.follow(({ rev }) => heard.push(rev))
  await put(storeOf(), head(1), 0)
  await until(() => heard.includes(1))
  await put(storeOf(), head(2), 1)
  await until(() => heard.includes(2))
  stop()
  await until(() => api.watchCount === 0)
})

it('reports a state that is not JSON', async () => {
  const data = { 'rollout.json': '{' }
  api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'rollout', namespace: 'models' }, data })
  await expect(storeOf().load(never)).rejects.toMatchObject({ code: 'INVALID_STATE' })
})

it('succeeds if its write was accepted and only the answer was lost', async () => {
  const kube = createKube({ server: api.url, credentials: async () => ({ token: api.token }) }, { random: () => 0 })
  const store = kubeStore({ kube, namespace: 'models', name: 'rollout' })
  await put(store, head(1), 0)
  const lossy: typeof kube = {
    ...kube,
    mergePatch: async (address, patch, signal) => {
      await kube.mergePatch(address, patch, signal)
      return kube.mergePatch(address, patch, signal) // what the client does when it hears nothing
    },
  }
  const other = kubeStore({ kube: lossy, namespace: 'models', name: 'rollout' })
  expect(await put(other, head(2), 1)).toBe('written')
  expect(await put(store, head(2, 'b.2'), 1)).toBe('moved')
})

it('refuses a state that no ConfigMap can hold', async () => {
  const bodyWith = (turn: string) => ({ body: { turns: [turn] } as never })
  for (const turn of ['é'.repeat(600_000), 'x'.repeat(1_100_000)]) {
    await expect(put(storeOf(), head(1), 0, bodyWith(turn))).rejects.toMatchObject({ code: 'STORE_FAILED' })
  }
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
  expect(() => kubeStore({ namespace: 'models', name: 'rollout' } as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})
