import { errorRate, linearPlan, thresholdJudge } from '@model-canary/core'
import { type Controller, createController } from '@model-canary/core/controller'
import { emptySummary, type Summary } from '@model-canary/core/judge'
import { afterEach, describe, expect, it } from 'vitest'
import { createKube } from '../src/kube/create-kube.js'
import type { Kube } from '../src/kube/kube.js'
import { kubeStore } from '../src/store/kube-store.js'
import { stageOfEachTest } from '../src/target/stage.fixture.js'

const open = stageOfEachTest()
const { canary, targetOf, writes } = open
const controllers: Controller[] = []
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.close()
})

const arm = (requests: number): Summary => ({
  ...emptySummary(),
  begun: requests,
  outcomes: { ...emptySummary().outcomes, success: requests },
})

/** Returns a store without its lease: each process judges. */
const withoutLease = ({ load, write, follow, close }: ReturnType<typeof kubeStore>) => ({ load, write, follow, close })

/** A replica with its own client, store and target, over the shared ConfigMap and route. */
function replica({ warmUp, routeKube }: { warmUp: { weight?: number; durationMs: number }; routeKube?: Kube }) {
  const connection = { server: open.api.url, credentials: async () => ({ token: open.api.token }) }
  const kube = createKube(connection, { retries: 0 })
  let counted = 0
  const controller = createController({
    name: 'sentiment',
    plan: linearPlan([10, 50, 100], { minDurationMs: 20, minRequests: 1 }),
    warmUp,
    bake: { durationMs: 20 },
    guardrails: [errorRate({ margin: 0.02 })],
    judge: thresholdJudge({ minSamples: 100 }),
    intervalMs: 10,
    source: {
      read: async () => {
        counted += 500
        return { baseline: arm(counted), canary: arm(counted) }
      },
    },
    target: targetOf({ kube: routeKube ?? kube }),
    store: withoutLease(kubeStore({ kube, namespace: 'models', name: 'rollout' })),
  })
  controllers.push(controller)
  const said: string[] = []
  const alerts: string[] = []
  controller.on('step', ({ epoch, weight }) => said.push(`epoch ${epoch}: ${weight} %`))
  controller.on('promoted', () => said.push('promoted'))
  controller.on('alert', ({ about }) => alerts.push(about))
  const isThrough = () => controller.status().state === 'promoted' && controller.status().inForce?.weight === 100
  return { controller, said, alerts, isThrough }
}

describe('two replicas that start in the same moment, over a ConfigMap that is not there yet', () => {
  it.each([
    ['without a warm-up', { durationMs: 0 }, [0, 10, 50, 100]],
    ['with one', { weight: 2, durationMs: 20 }, [0, 2, 10, 50, 100]],
  ])('run one rollout, and each reports everything once: %s', async (_name, warmUp, weights) => {
    const [a, b] = [replica({ warmUp }), replica({ warmUp })]
    await Promise.all([a.controller.start(), b.controller.start()])
    await expect.poll(() => a.isThrough() && b.isThrough(), { timeout: 4_000 }).toBe(true)
    const expected = [...weights.map((weight) => `epoch 1: ${weight} %`), 'promoted']
    expect([a.said, b.said]).toEqual([expected, expected])
    expect([...a.alerts, ...b.alerts].filter((about) => about !== 'no-data')).toEqual([])
    expect([a, b].map(({ controller }) => controller.status().internalErrors)).toEqual([{}, {}])
    expect([canary(), writes()]).toEqual([100, weights.length])
    expect((await a.controller.history()).filter(({ action }) => action === 'start')).toHaveLength(1)
  })

  it('continue together if one reads the route only after the other has moved it', async () => {
    const connection = { server: open.api.url, credentials: async () => ({ token: open.api.token }) }
    const kube = createKube(connection, { retries: 0 })
    const slow: Kube = {
      ...kube,
      get: async (...asked) => {
        await expect.poll(canary).toBeGreaterThan(0)
        return kube.get(...asked)
      },
    }
    const [a, b] = [replica({ warmUp: { durationMs: 0 } }), replica({ warmUp: { durationMs: 0 }, routeKube: slow })]
    await Promise.all([a.controller.start(), b.controller.start()])
    await expect.poll(() => a.isThrough() && b.isThrough(), { timeout: 4_000 }).toBe(true)
    expect([a.controller.status().epoch, b.controller.status().epoch, canary()]).toEqual([1, 1, 100])
    expect(b.controller.status()).toMatchObject({ drift: null, heldBy: null })
  })
})
