import { type FakeKubeApi, fakeKubeApi } from '@model-canary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeAuthority, makeClientPair, makeServerPair } from './certificates.fixture.js'
import { createKube } from './create-kube.js'
import { hurriedClock } from './hurried-clock.fixture.js'
import type { KubeAddress, KubeEvent } from './kube.js'
import { writeKubeconfig } from './kubeconfig.fixture.js'
import { kubeconfig } from './kubeconfig.js'
import { eventually } from './patience.fixture.js'
import { scratchFolder } from './scratch-folder.fixture.js'
import { ADDRESS, PATH } from './server.fixture.js'

const route = (weights: readonly [number, number]) => ({
  hosts: ['sentiment'],
  http: [
    {
      name: 'model',
      route: ['v1', 'v2'].map((subset, nth) => ({ destination: { host: 'sentiment', subset }, weight: weights[nth] })),
    },
  ],
})

const VIRTUAL_SERVICE = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'sentiment', namespace: 'default', annotations: { owner: 'models' } },
  spec: route([100, 0]),
}

/** A fake server with a route, and a client of it without pauses. */
async function stage() {
  const api = await fakeKubeApi()
  onTestFinished(() => api.close())
  api.put(VIRTUAL_SERVICE)
  const clock = hurriedClock()
  const connection = { server: api.url, credentials: async () => ({ token: api.token }) }
  return { api, kube: createKube(connection, { clock, timeoutMs: 60_000, random: () => 0.5 }), clock }
}

/** Watches the route, and records the reported events as text. */
async function watching(address: KubeAddress = ADDRESS) {
  const { api, kube } = await stage()
  const told: string[] = []
  const inWords = (event: KubeEvent) =>
    event.type === 'present'
      ? `weight ${weightOf(event.object.spec)}`
      : event.type === 'gone'
        ? 'gone'
        : event.error.code
  onTestFinished(kube.watch(address, (event) => told.push(inWords(event))))
  return { api, told }
}

function weightOf(spec: unknown): unknown {
  return (spec as ReturnType<typeof route>).http[0]?.route[1]?.weight
}

const versionOf = (api: FakeKubeApi) => api.peek(PATH)?.metadata.resourceVersion

describe('against a fake API server', () => {
  it('reads, patches with the version that was read, and keeps what the patch does not name', async () => {
    const { api, kube } = await stage()
    const { resourceVersion } = (await kube.get(ADDRESS)).metadata
    const patched = await kube.mergePatch(ADDRESS, { metadata: { resourceVersion }, spec: route([90, 10]) })
    expect(weightOf(patched.spec)).toBe(10)
    expect(patched.metadata.annotations).toEqual({ owner: 'models' })
    expect(patched.metadata.resourceVersion).toBe(versionOf(api))
  })

  it('reports a write in between as a conflict', async () => {
    const { api, kube } = await stage()
    const { resourceVersion } = (await kube.get(ADDRESS)).metadata
    api.change(PATH, { metadata: { annotations: { owner: 'somebody' } } })
    const late = kube.mergePatch(ADDRESS, { metadata: { resourceVersion }, spec: route([90, 10]) })
    await expect(late).rejects.toMatchObject({ code: 'KUBE_CONFLICT' })
    expect(weightOf(api.peek(PATH)?.spec)).toBe(0)
  })

  it('names the weight that is not a number', async () => {
    const { kube } = await stage()
    const spec = route([90, 10])
    const wrong = { ...spec, http: [{ ...spec.http[0], route: [{ ...spec.http[0]?.route[0], weight: '90' }] }] }
    await expect(kube.mergePatch(ADDRESS, { spec: wrong })).rejects.toMatchObject({
      code: 'KUBE_INVALID',
      message: expect.stringContaining('spec.http[0].route[0].weight'),
    })
  })

  it('reports a missing object and a missing permission', async () => {
    const { api, kube } = await stage()
    await expect(kube.get({ ...ADDRESS, name: 'other' })).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' })
    await expect(kube.get({ ...ADDRESS, plural: 'wasmplugins' })).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' })
    api.allow([])
    await expect(kube.get(ADDRESS)).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN' })
  })

  it('creates once', async () => {
    const { api, kube } = await stage()
    const address = { ...ADDRESS, name: 'second' }
    const object = { ...VIRTUAL_SERVICE, metadata: { name: 'second', namespace: 'default' } }
    expect((await kube.create(address, object)).metadata.name).toBe('second')
    expect(api.peek(PATH.replace('sentiment', 'second'))).toBeDefined()
    await expect(kube.create(address, object)).rejects.toMatchObject({ code: 'KUBE_CONFLICT' })
  })

  it('waits as long as a throttling server asks, and survives a cut connection', async () => {
    const { api, kube, clock } = await stage()
    api.fail({ method: 'GET', status: 429, retryAfterS: 2 })
    await kube.get(ADDRESS)
    expect(clock.pauses).toEqual([2_000])
    api.fail({ method: 'PATCH', cut: true })
    expect(weightOf((await kube.mergePatch(ADDRESS, { spec: route([95, 5]) })).spec)).toBe(5)
  })

  it('continues with the new token when the old one is rejected', async () => {
    const { api } = await stage()
    const tokens = [api.token, 'another-token']
    const kube = createKube({
      server: api.url,
      credentials: async () => ({ token: tokens[0] }),
      refuse: () => void tokens.shift(),
    })
    api.rotateToken('another-token')
    expect((await kube.get(ADDRESS)).metadata.name).toBe('sentiment')
  })

  it('speaks TLS as a kubeconfig says', async () => {
    const ca = await makeAuthority('the cluster')
    const pair = await makeServerPair(ca, ['127.0.0.1'])
    const client = await makeClientPair(ca, 'model-canary')
    const api = await fakeKubeApi({ tls: { ...pair, ca: ca.cert, requestCert: true } })
    onTestFinished(() => api.close())
    api.put(VIRTUAL_SERVICE)
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const path = writeKubeconfig(scratchFolder(), {
      cluster: { server: api.url, 'certificate-authority-data': base64(ca.cert) },
      user: {
        token: api.token,
        'client-certificate-data': base64(client.cert),
        'client-key-data': base64(client.key),
      },
    })
    expect(weightOf((await createKube(kubeconfig({ path })).get(ADDRESS)).spec)).toBe(0)
  })
})

describe('a watch of a fake API server', () => {
  it('reports the current state and every change, also creation and deletion', async () => {
    const { api, told } = await watching()
    await eventually(() => told).toEqual(['weight 0'])
    await eventually(() => api.watchCount).toBe(1)
    for (const weight of [5, 10, 20]) api.change(PATH, { spec: route([100 - weight, weight]) })
    api.remove(PATH)
    api.put({ ...VIRTUAL_SERVICE, spec: route([70, 30]) })
    await eventually(() => told).toEqual(['weight 0', 'weight 5', 'weight 10', 'weight 20', 'gone', 'weight 30'])
  })

  it('misses nothing while it is cut off', async () => {
    const { api, told } = await watching()
    await eventually(() => api.watchCount).toBe(1)
    api.cutWatches()
    for (const weight of [5, 10]) api.change(PATH, { spec: route([100 - weight, weight]) })
    await eventually(() => told).toEqual(['weight 0', 'weight 5', 'weight 10'])
    expect(api.requests.filter(({ path }) => !path.includes('watch=true')).length).toBe(1)
  })

  it('reads again, once, if the history expires while it is cut off', async () => {
    const { api, told } = await watching()
    await eventually(() => api.watchCount).toBe(1)
    api.cutWatches()
    for (const weight of [5, 10]) api.change(PATH, { spec: route([100 - weight, weight]) })
    api.compact()
    await eventually(() => told).toEqual(['weight 0', 'weight 10'])
    await eventually(() => api.watchCount).toBe(1)
    api.change(PATH, { spec: route([80, 20]) })
    await eventually(() => told).toEqual(['weight 0', 'weight 10', 'weight 20'])
    expect(api.requests.filter(({ path }) => !path.includes('watch=true')).length).toBe(2)
  })

  it('reports a missing permission, and the state once it is granted', async () => {
    const { api, told } = await watching()
    await eventually(() => api.watchCount).toBe(1)
    api.allow([])
    api.cutWatches()
    await eventually(() => told).toContain('KUBE_FORBIDDEN')
    api.allow(undefined)
    await eventually(() => told.at(-1)).toBe('weight 0')
  })
})
