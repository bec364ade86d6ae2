import { readFile } from 'node:fs/promises'
import type { Controller } from '@model-canary/core/controller'
import { realServer, startPrometheus } from '@model-canary/real-servers'
import { type FakeKubeApi, fakeKubeApi } from '@model-canary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { manifestFiles } from '../src/manifests.js'
import { meshController } from '../src/rollout.js'
import { startMesh } from './mesh.fixture.js'

const textOf = (name: string) => readFile(new URL(`../manifests/${name}`, import.meta.url), 'utf8')
const parsed = (yaml: string): { kind: string; metadata: { name: string } }[] =>
  parseAllDocuments(yaml).map((document) => document.toJS())

describe('the manifests', () => {
  it.each(Object.keys(manifestFiles))('are what the library makes: %s', async (name) => {
    expect(await textOf(name)).toBe(manifestFiles[name])
  })

  it('fit together: the controller runs as the account that the role is bound to', async () => {
    const [deployment] = parsed(await textOf('controller.yaml')) as never as [
      { spec: { template: { spec: { serviceAccountName: string } } } },
    ]
    const account = parsed(manifestFiles['role.yaml']!).find(({ kind }) => kind === 'ServiceAccount')
    expect(deployment.spec.template.spec.serviceAccountName).toBe(account?.metadata.name)
  })

  it('have pods for both subsets', async () => {
    const versions = parsed(await textOf('versions.yaml')).filter(({ kind }) => kind === 'Deployment')
    expect(versions.map(({ metadata }) => metadata.name)).toEqual(['sentiment-v1', 'sentiment-v2'])
  })
})

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A cluster with the manifests applied, sidecars that follow them, a Prometheus, and controllers for all of it. */
async function scene(canaryFails: number) {
  const api = await fakeKubeApi()
  closers.push(() => api.close())
  for (const object of parsed(manifestFiles['route.yaml']!)) api.put(object)
  const mesh = await startMesh(api, canaryFails)
  closers.push(() => mesh.close())
  const prometheus = await startPrometheus({ scrape: [{ job: 'sidecars', targets: [mesh.address] }], intervalMs: 250 })
  closers.push(() => prometheus.close())
  const start = async (): Promise<Controller> => {
    const controller = meshController({
      connection: { server: api.url, credentials: async () => ({ token: api.token }) },
      prometheus: prometheus.url,
      minDurationMs: 1_200,
      minRequests: 20,
      intervalMs: 400,
      settleMs: 100,
      judge: {
        minWindows: 3,
        thresholdWindows: 2,
        tickMs: 400,
        graceMs: 0,
        minStepMs: 400,
        minStepRequests: 20,
        watchMs: 100,
      },
    })
    closers.push(() => controller.close())
    await controller.start()
    return controller
  }
  return { api, mesh, start }
}

const storedIn = (api: FakeKubeApi): { head: { route: { step: number } } } => {
  const { data } = api.peek('/api/v1/namespaces/models/configmaps/sentiment-rollout') as unknown as {
    data: Record<string, string>
  }
  return JSON.parse(data['rollout.json']!)
}

realServer({ describe, it }, ['prometheus'], 'a rollout in a mesh, judged from its own metrics', () => {
  it('goes to 100 by changing weights, through a controller that is replaced on the way', async () => {
    const { api, mesh, start } = await scene(0)
    const first = await start()
    await expect.poll(() => first.status().step, { timeout: 60_000 }).toBe(2)
    await first.close()
    expect(storedIn(api).head.route.step).toBe(2)
    const second = await start()
    expect(second.status()).toMatchObject({ state: 'progressing', step: 2, weight: 25 })
    await expect.poll(() => second.status().state, { timeout: 90_000 }).toBe('promoted')
    await expect.poll(mesh.weights).toEqual([0, 100])
  })

  it('goes back to 0 at once when the canary fails', async () => {
    const { mesh, start } = await scene(0.2)
    const controller = await start()
    await expect.poll(() => controller.status().state, { timeout: 60_000 }).toBe('rolled-back')
    expect(controller.explain()).toMatch(/errorRate: error rate/)
    await expect.poll(mesh.weights).toEqual([100, 0])
  })
})
