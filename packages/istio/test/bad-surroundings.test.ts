import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { linearPlan } from '@model-canary/core'
import { createController, type MetricsSource } from '@model-canary/core/controller'
import { type ArmQueries, prometheusSource } from '@model-canary/prometheus'
import { type FakeKubeApi, fakeKubeApi } from '@model-canary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { EXPIRED, makeAuthority, makeServerPair } from '../src/kube/certificates.fixture.js'
import { createKube } from '../src/kube/create-kube.js'
import type { KubeConnection } from '../src/kube/credentials.js'
import { istioManifests } from '../src/manifests/istio-manifests.js'
import { membersOf } from '../src/routes/json.js'
import { istioTarget } from '../src/target/istio-target.js'
import { arm, QUICK } from '../src/target/quick-rollout.fixture.js'
import { SPLIT, VIRTUAL_SERVICE } from '../src/target/world.fixture.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

let counted = 0
/** Counts without errors, because these tests are about other failures. */
const good: MetricsSource = {
  read: async () => {
    counted += 500
    return { baseline: arm(counted), canary: arm(counted) }
  },
}
/** A rollout that would be promoted within a second if nothing failed. */
async function rollout({ api, connection, source = good }: Scene) {
  const kube = createKube(connection ?? connectionOf(api), { retries: 0 })
  const alerts: string[] = []
  const controller = createController({
    ...QUICK,
    plan: linearPlan([10, 100], { minDurationMs: 0, minRequests: 1 }),
    ioTimeoutMs: 400,
    source,
    target: istioTarget({ ...SPLIT, kube }),
  })
  controller.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  closers.push(() => controller.close())
  await controller.start()
  return { controller, alerts }
}

interface Scene {
  readonly api: FakeKubeApi
  readonly connection?: KubeConnection
  readonly source?: MetricsSource
}

const connectionOf = (api: FakeKubeApi): KubeConnection => ({
  server: api.url,
  credentials: async () => ({ token: api.token }),
})

async function cluster(options?: Parameters<typeof fakeKubeApi>[0]): Promise<FakeKubeApi> {
  const api = await fakeKubeApi(options)
  closers.push(() => api.close())
  for (const object of istioManifests({ name: 'sentiment', namespace: 'models', route: 'split' }).objects)
    api.put(object)
  return api
}

const specOf = (api: FakeKubeApi) => api.peek(VIRTUAL_SERVICE)?.spec
const patches = (api: FakeKubeApi) => api.requests.filter(({ method }) => method === 'PATCH').length

describe('a cluster that fails', () => {
  const routes = (api: FakeKubeApi, change: (http: Json[]) => unknown) => {
    api.change(VIRTUAL_SERVICE, { spec: { http: change([...(membersOf(specOf(api)).http as Json[])]) } })
  }
  type Json = { name?: string; route: { weight?: number }[] }
  const cases: readonly [string, RegExp, (api: FakeKubeApi) => KubeConnection | undefined][] = [
    [
      'a wrong token',
      /KUBE_UNAUTHORIZED/,
      ({ url }) => ({ server: url, credentials: async () => ({ token: 'wrong' }) }),
    ],
    ['no role', /KUBE_FORBIDDEN.*roleManifests|KUBE_FORBIDDEN/, (api) => void api.allow([])],
    ['no such VirtualService', /KUBE_NOT_FOUND/, (api) => void api.remove(VIRTUAL_SERVICE)],
    ['no such route', /ROUTE_NOT_FOUND/, (api) => void routes(api, ([first]) => [{ ...first, name: 'other' }])],
    ['two routes of the name', /ROUTE_AMBIGUOUS/, (api) => void routes(api, (http) => [...http, ...http])],
    [
      'weights that do not sum to 100',
      /ROUTE_INVALID.*sum to 90/,
      (api) =>
        void routes(api, ([first]) => [
          { ...first, route: first!.route.map((to, at) => ({ ...to, weight: [80, 10][at] })) },
        ]),
    ],
    [
      'an object that is refused',
      /KUBE_INVALID/,
      (api) => void api.fail({ method: 'PATCH', status: 422, times: 1_000 }),
    ],
    ['too many requests', /KUBE_THROTTLED/, (api) => void api.fail({ status: 429, times: 1_000 })],
    ['a connection that is cut', /KUBE_UNREACHABLE/, (api) => void api.fail({ cut: true, times: 1_000 })],
  ]

  it.each(cases)('holds the rollout, gives the reason, and keeps the weights: %s', async (_name, code, spoil) => {
    const api = await cluster()
    const connection = spoil(api)
    const before = specOf(api)
    const { controller, alerts } = await rollout({ api, ...(connection && { connection }) })
    await expect.poll(() => alerts).toContainEqual(expect.stringMatching(code))
    await expect.poll(() => controller.status().internalErrors.TARGET_FAILED).toBeGreaterThan(1)
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1 })
    expect(specOf(api)).toEqual(before)
  })

  it('holds the rollout if the server’s certificate has expired, and reports it', async () => {
    const authority = await makeAuthority('ca')
    const tls = await makeServerPair(authority, ['127.0.0.1'], EXPIRED)
    const api = await cluster({ tls })
    const connection = { ...connectionOf(api), credentials: async () => ({ token: api.token, ca: authority.cert }) }
    const { controller, alerts } = await rollout({ api, connection })
    await expect.poll(() => alerts).toContainEqual(expect.stringMatching(/KUBE_UNREACHABLE.*expired/i))
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1 })
    expect(patches(api)).toBe(0)
  })
})

describe('a Prometheus that fails', () => {
  const series = (values: readonly string[], labels = (at: number): object => ({ pod: String(at) })) => ({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: values.map((value, at) => ({ metric: labels(at), values: [[Date.now() / 1_000 - 0.5, value]] })),
    },
  })
  const serve = async (answer: () => unknown): Promise<string> => {
    const server: Server = createServer((_, response) => {
      const body = answer()
      if (body !== undefined) response.end(JSON.stringify(body))
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
    closers.push(() => {
      server.close()
      server.closeAllConnections()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const selectors = (version: string): ArmQueries => ({
    requests: `calls_total{version="${version}"}`,
    errors: `calls_total{version="${version}",code="500"}`,
  })
  const expression = (version: string): ArmQueries => ({
    ...selectors(version),
    requests: { expression: `sum by (pod) (calls_total{version="${version}"})` },
  })

  it.each([
    ['that hangs', /PROMETHEUS_UNREACHABLE|no answer within/, selectors, () => undefined],
    ['whose expression yields many series', /QUERY_AMBIGUOUS.*yields 2 series/, expression, () => series(['1', '2'])],
    ['that answers NaN', /QUERY_NOT_A_COUNT/, selectors, () => series(['NaN'])],
    ['that answers a fraction', /QUERY_NOT_A_COUNT/, selectors, () => series(['1.5'])],
    [
      'that refuses the query',
      /QUERY_FAILED.*parse error/,
      selectors,
      () => ({ status: 'error', error: 'parse error' }),
    ],
    ['that answers something else', /QUERY_FAILED/, selectors, () => ({ hello: 'world' })],
  ])('holds the rollout at its weight, and gives the reason: one %s', async (_name, code, queries, answer) => {
    const api = await cluster()
    const url = await serve(answer)
    const source = prometheusSource({
      url,
      queries: { baseline: queries('v1'), canary: queries('v2') },
      timeoutMs: 100,
    })
    const { controller, alerts } = await rollout({ api, source })
    await expect.poll(() => alerts, { timeout: 10_000 }).toContainEqual(expect.stringMatching(code))
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
    await expect.poll(() => patches(api)).toBe(1) // the first step's own
  })
})
