import { onTestFinished } from 'vitest'
import { createPatience } from '../adapter-contract/patience.js'
import { type FakeKubeApi, fakeKubeApi } from '../fake-kube-api.js'
import { type Asked, createKubeClient, type KubeClient } from '../kube-api-contract/client.js'
import { type Events, readEvents } from '../kube-api-contract/events.js'
import type { FakeKubeApiOptions } from './options.js'

/** The collection of VirtualServices in the default namespace. */
export const COLLECTION = '/apis/networking.istio.io/v1/namespaces/default/virtualservices'

/** Where the VirtualService of these tests is. */
export const PATH = `${COLLECTION}/sentiment`

/** The VirtualService of these tests. */
export const SENTIMENT = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'sentiment' },
  spec: { hosts: ['sentiment'] },
}

/** A fake server, a client, and a patience. All are closed when the test is over. */
export interface Started extends KubeClient {
  readonly api: FakeKubeApi
  watch(path: string): Promise<Events>
  until(what: string, fact: () => boolean): Promise<void>
}

/** Starts a fake server for one test. */
export async function start(options: FakeKubeApiOptions = {}): Promise<Started> {
  const api = await fakeKubeApi(options)
  onTestFinished(() => api.close())
  const patience = createPatience(4_000)
  const client = createKubeClient({ url: api.url, token: api.token, namespace: 'default' }, patience)
  return {
    api,
    ...client,
    until: patience.until,
    watch: async (path) => readEvents(await client.open({ path }), patience),
  }
}

/** A merge patch of the VirtualService of these tests. */
export const patching = (body: object, path = PATH): Asked => ({
  method: 'PATCH',
  path,
  body,
  contentType: 'application/merge-patch+json',
})
