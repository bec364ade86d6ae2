import { createCanary } from '@model-canary/core'
import { createController, type Head, idleState, type StateStore } from '@model-canary/core/controller'
import { type FakeKubeApi, fakeKubeApi, manualClock } from '@model-canary/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKube } from '../kube/create-kube.js'
import type { Kube } from '../kube/kube.js'
import { kubeStore } from './kube-store.js'

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/models/leases/rollout'
const SECOND = 1_000
const never = new AbortController().signal

let api: FakeKubeApi
beforeEach(async () => {
  api = await fakeKubeApi({ namespaces: ['models'] })
})
afterEach(() => api.close())

const kubeOf = () => createKube({ server: api.url, credentials: async () => ({ token: api.token }) }, { retries: 0 })

/** A process of the rollout, with a clock of its own. */
function open(kube: Kube = kubeOf()) {
  const clock = manualClock()
  const store = kubeStore({ kube, namespace: 'models', name: 'rollout', clock })
  const ask = (id: string) => store.fleet!.lease({ id, ttlMs: 10 * SECOND, leastFence: 0 }, never)
  return { clock, store, ask, release: (id: string) => store.fleet!.lease({ id, release: true }, never) }
}

const head = (rev: number) => ({ rev, tag: `a.${rev}`, state: idleState, fence: 0 }) as Head
const put = (store: StateStore, rev: number, lease?: { id: string; fence: number }) =>
  store.write({ expect: rev === 1 ? null : `a.${rev - 1}`, head: head(rev), ...(lease && { lease }) }, never)
const specNow = () => api.peek(LEASE)?.spec as Record<string, unknown>

describe('the Lease of a rollout', () => {
  it('has the members of client-go', async () => {
    const { ask, release } = open()
    await ask('one')
    expect(api.peek(LEASE)).toMatchObject({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' })
    const time = '2026-01-01T00:00:00.000000Z'
    expect(specNow()).toEqual({
      ...{ holderIdentity: 'one', leaseDurationSeconds: 10, leaseTransitions: 1 },
      ...{ acquireTime: time, renewTime: time },
    })
    await release('one')
    expect(specNow()).not.toHaveProperty('holderIdentity')
    expect(specNow()).toMatchObject({ leaseTransitions: 1 })
  })

  it('keeps the time at which it was taken when it is renewed', async () => {
    const { ask, clock } = open()
    await ask('one')
    await clock.advance(3 * SECOND)
    await ask('one')
    expect(specNow()).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:03.000000Z',
      leaseTransitions: 1,
    })
  })

  it('of another client is respected for as long as it is renewed, whatever its clock says', async () => {
    const spec = { holderIdentity: 'its-pod', leaseDurationSeconds: 15, leaseTransitions: 4 }
    const renewed = (renewTime: string) => ({ spec: { ...spec, renewTime } })
    const metadata = { name: 'rollout', namespace: 'models' }
    api.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      ...renewed('1999-01-01T00:00:00.000000Z'),
    })
    const { ask, clock } = open()
    expect(await ask('one')).toEqual({ isMine: false, fence: 4, holder: 'its-pod', leftMs: 15 * SECOND })
    await clock.advance(14 * SECOND)
    api.change(LEASE, renewed('1999-01-01T00:00:14.000000Z'))
    expect(await ask('one')).toMatchObject({ isMine: false, leftMs: 15 * SECOND })
    await clock.advance(15 * SECOND)
    expect(await ask('one')).toMatchObject({ isMine: true, fence: 5 })
  })
})

describe('a leader that was stopped in the middle of a write', () => {
  it('does not finish it after another one has the lease', async () => {
    const next = open()
    const inner = kubeOf()
    let whenStopped = async () => {}
    const former = open({
      ...inner,
      mergePatch: async (address, ...patch) => {
        if (address.plural === 'configmaps') await whenStopped()
        return inner.mergePatch(address, ...patch)
      },
    })
    const { fence } = await former.ask('former')
    await put(former.store, 1, { id: 'former', fence })
    await next.ask('next') // sees the lease of the former one
    whenStopped = async () => {
      await next.clock.advance(10 * SECOND)
      expect(await next.ask('next')).toMatchObject({ isMine: true, fence: 2 })
    }
    expect(await put(former.store, 2, { id: 'former', fence })).toMatchObject({ kind: 'moved' })
    expect((await next.store.load(never))?.head.rev).toBe(1)
    expect(await put(former.store, 2, { id: 'former', fence })).toMatchObject({ kind: 'deposed' })
    expect(await put(next.store, 2, { id: 'next', fence: 2 })).toEqual({ kind: 'written' })
  })
})

it('refuses a canary and its counts, and says what to use', async () => {
  const { store } = open()
  const { fleet } = store
  const versions = { baseline: 'v1', canary: 'v2' }
  const refusal = /^\[NOT_SHARED\] store: it has leases, and keeps no reports .*; pass redisStore.* createController/
  expect(() => createCanary({ name: 'sentiment', versions, store })).toThrow(refusal)
  const [source, target] = [{ read: async () => 'no-data' as const }, { apply: async () => {} }]
  expect(() => createController({ name: 'sentiment', versions, source, target, store })).not.toThrow()
  await expect(fleet!.collect({ epoch: 1, visit: 1 }, '', never)).rejects.toThrow(/use createController/)
  expect(await fleet!.members(never)).toEqual([])
})
