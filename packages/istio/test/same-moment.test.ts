import { errorRate, linearPlan, thresholdJudge } from '@model-canary/core'
import { type Controller, createController } from '@model-canary/core/controller'
import { afterEach, describe, expect, it } from 'vitest'
import { createKube } from '../src/kube/create-kube.js'
import type { Kube } from '../src/kube/kube.js'
import { kubeStore } from '../src/store/kube-store.js'
import { arm } from '../src/target/quick-rollout.fixture.js'
import { stageOfEachTest } from '../src/target/stage.fixture.js'

const open = stageOfEachTest()
const { canary, targetOf, writes } = open
const controllers: Controller[] = []
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.close()
})

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
    store: kubeStore({ kube, namespace: 'models', name: 'rollout' }),
  })
  controllers.push(controller)
  const said: string[] = []
  const alerts: string[] = []
  controller.on('step', ({ epoch, weight }) => said.push(`epoch ${epoch}: ${weight} %`))
  controller.on('promoted', () => said.push('promoted'))
  controller.on('alert', ({ about }) => alerts.push(about))
  let isLeader = false
  controller.on('leader', (event) => {
    isLeader = event.isLeader
  })
  return { controller, said, alerts, leads: () => isLeader }
}

const isPromoted = ({ controller }: ReturnType<typeof replica>) => controller.status().state === 'promoted'

describe('two replicas that start in the same moment, over a ConfigMap that is not there yet', () => {
  it.each([
    ['without a warm-up', { durationMs: 0 }, [0, 10, 50, 100]],
    ['with one', { weight: 2, durationMs: 20 }, [0, 2, 10, 50, 100]],
  ])('run one rollout, and each reports everything once: %s', async (_name, warmUp, weights) => {
    const both = [replica({ warmUp }), replica({ warmUp })]
    await Promise.all(both.map(({ controller }) => controller.start()))
    const leaders = both.filter(({ leads }) => leads())
    expect(leaders).toHaveLength(1)
    await expect.poll(() => both.every(isPromoted) && canary(), { timeout: 4_000 }).toBe(100)
    const expected = [...weights.map((weight) => `epoch 1: ${weight} %`), 'promoted']
    expect(both.map(({ said }) => said)).toEqual([expected, expected])
    expect(both.flatMap(({ alerts }) => alerts).filter((about) => about !== 'no-data')).toEqual([])
    expect(both.map(({ controller }) => controller.status().internalErrors)).toEqual([{}, {}])
    expect(writes()).toBeLessThanOrEqual(weights.length) // the start at 0 may be replaced before it is written
    const shares = both.map(({ leads, controller }) => [leads(), controller.status().inForce?.weight ?? null])
    expect(new Map(shares as [boolean, number | null][])).toEqual(
      new Map([
        [true, 100],
        [false, null],
      ]),
    )
    expect((await both[0]!.controller.history()).filter(({ action }) => action === 'start')).toHaveLength(1)
  })

  it('continue together if one reads the route only after the other has moved it', async () => {
    const connection = { server: open.api.url, credentials: async () => ({ token: open.api.token }) }
    const kube = createKube(connection, { retries: 0 })
    const late: Kube = {
      ...kube,
      get: async (...asked) => {
        await expect.poll(canary).toBeGreaterThan(0)
        return kube.get(...asked)
      },
    }
    const first = replica({ warmUp: { durationMs: 0 } })
    await first.controller.start()
    const second = replica({ warmUp: { durationMs: 0 }, routeKube: late })
    await second.controller.start()
    await expect.poll(() => [first, second].every(isPromoted) && canary(), { timeout: 4_000 }).toBe(100)
    expect(second.controller.status()).toMatchObject({ epoch: 1, drift: null, heldBy: null })
    expect(second.alerts).not.toContain('drift')
  })
})
