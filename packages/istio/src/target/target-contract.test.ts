import { targetContract } from '@model-canary/testing'
import { describe, it } from 'vitest'
import { gatewayManifests } from '../manifests/gateway-manifests.js'
import { gatewayTarget } from './gateway-target.js'
import { istioTarget } from './istio-target.js'
import { specOf } from './stage.fixture.js'
import { SPLIT, VIRTUAL_SERVICE, world } from './world.fixture.js'

const HTTP_ROUTE = '/apis/gateway.networking.k8s.io/v1/namespaces/models/httproutes/sentiment'
const BACKENDS = { baseline: 'sentiment-v1', canary: 'sentiment-v2' }
const A_DAY_MS = 86_400_000

/** A cluster for one test; each target in it stands for a process. */
async function cluster() {
  const { api, kube, weights, close } = await world()
  return { api, kube, weights, close, hang: () => api.fail({ delayMs: A_DAY_MS, times: 1_000 }) }
}

describe('on a VirtualService', () => {
  targetContract({ it }, 'istioTarget', async () => {
    const { api, kube, weights, close, hang } = await cluster()
    return {
      open: () => istioTarget({ ...SPLIT, kube }),
      weight: () => Number(weights()[1]!.split(' ')[1]),
      setWeight: (weight) => void api.change(VIRTUAL_SERVICE, { spec: specOf(weight) }),
      hang,
      close,
    }
  })
})

describe('on an HTTPRoute', () => {
  targetContract({ it }, 'gatewayTarget', async () => {
    const { api, kube, close, hang } = await cluster()
    const backends = { baseline: { name: BACKENDS.baseline, port: 80 }, canary: { name: BACKENDS.canary, port: 80 } }
    const gateway = { name: 'public' }
    api.put(gatewayManifests({ name: 'sentiment', namespace: 'models', gateway, backends }).httpRoute)
    const spec = () => api.peek(HTTP_ROUTE)!.spec as { rules: { backendRefs: { weight: number }[] }[] }
    return {
      open: () => gatewayTarget({ kube, namespace: 'models', httpRoute: 'sentiment', backends: BACKENDS }),
      weight() {
        const [baseline, canary] = spec().rules[0]!.backendRefs.map(({ weight }) => weight) as [number, number]
        return (100 * canary) / (baseline + canary)
      },
      setWeight(weight) {
        const [rule] = spec().rules
        const [baseline, canary] = rule!.backendRefs
        const backendRefs = [
          { ...baseline, weight: 100 - weight },
          { ...canary, weight },
        ]
        api.change(HTTP_ROUTE, { spec: { rules: [{ ...rule, backendRefs }] } })
      },
      hang,
      close,
    }
  })
})
