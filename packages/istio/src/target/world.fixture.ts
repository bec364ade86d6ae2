import type { TargetSplit } from '@model-canary/core/controller'
import { type FakeKubeApi, fakeKubeApi } from '@model-canary/testing'
import { createKube } from '../kube/create-kube.js'
import type { Kube } from '../kube/kube.js'
import { type IstioManifestsOptions, istioManifests } from '../manifests/istio-manifests.js'
import { membersOf } from '../routes/json.js'

export const VIRTUAL_SERVICE = '/apis/networking.istio.io/v1/namespaces/models/virtualservices/sentiment'
export const DESTINATION_RULE = '/apis/networking.istio.io/v1/namespaces/models/destinationrules/sentiment'

/** A cluster with the manifests of a rollout in it, and a client of it. */
export interface World {
  readonly api: FakeKubeApi
  readonly kube: Kube
  /** Each destination of the route with its weight, such as `stable 90`. */
  weights(route?: string): readonly string[]
  close(): Promise<void>
}

/** The options with which the targets of these tests find the objects of the manifests. */
export const SPLIT = {
  namespace: 'models',
  virtualService: 'sentiment',
  route: 'split',
  host: 'sentiment',
  subsets: { baseline: 'stable', canary: 'canary' },
} as const

export async function world(options: Partial<IstioManifestsOptions> = {}): Promise<World> {
  const api = await fakeKubeApi()
  const { objects } = istioManifests({ name: 'sentiment', namespace: 'models', ...options })
  for (const object of objects) api.put(object)
  const connection = { server: api.url, credentials: async () => ({ token: api.token }) }
  return {
    api,
    kube: createKube(connection, { retries: 0 }),
    weights(route = 'split') {
      const { http } = membersOf(api.peek(VIRTUAL_SERVICE)?.spec) as { http: { name?: string; route: Entry[] }[] }
      const entries = http.find(({ name }) => name === route)?.route ?? []
      return entries.map(({ destination, weight }) => `${destination.subset ?? destination.host} ${weight}`)
    },
    close: () => api.close(),
  }
}

interface Entry {
  readonly destination: { readonly host: string; readonly subset?: string }
  readonly weight?: number
}

let revision = 0

/** A split as a controller sends it. */
export const split = (weight: number, epoch = 1): TargetSplit => {
  revision += 1
  return { weight, epoch, revision }
}

/** A signal that is never aborted. */
export const unhurried = new AbortController().signal

/** Waits until a condition is true, or until the test's time limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
