import { readFileSync } from 'node:fs'
import { describe, it } from 'vitest'
import { fakeKubeApi } from './fake-kube-api.js'
import { kubeApiContract } from './kube-api-contract.js'

describe('the fake', () => {
  kubeApiContract({ it }, 'fake', async () => {
    const api = await fakeKubeApi()
    return { url: api.url, token: api.token, namespace: 'default', close: () => api.close() }
  })
})

const { MODEL_CANARY_KUBE_URL: url, MODEL_CANARY_KUBE_TOKEN: token, MODEL_CANARY_KUBE_CA: ca } = process.env

/** A real server with the CRDs of Istio is no part of an ordinary run: without an address nothing of it is skipped. */
if (url !== undefined) {
  describe('the server that MODEL_CANARY_KUBE_URL names', () => {
    kubeApiContract({ it }, 'real', () => ({
      url,
      ...(token === undefined ? {} : { token }),
      ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }),
      namespace: process.env.MODEL_CANARY_KUBE_NAMESPACE ?? 'default',
    }))
  })
}
