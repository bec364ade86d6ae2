import { createCanary, errorRate, linearPlan, thresholdJudge } from '@model-canary/core'
import { type Controller, type ControllerOptions, createController, type Target } from '@model-canary/core/controller'
import { type ManualClock, manualClock } from '@model-canary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createKube } from '../kube/create-kube.js'
import { istioTarget } from './istio-target.js'
import { arm } from './quick-rollout.fixture.js'
import { SPLIT, until, VIRTUAL_SERVICE, type World, world } from './world.fixture.js'

let open: World | undefined
let controller: Controller | undefined
let clock: ManualClock
afterEach(async () => {
  const closing = controller?.close()
  await clock.advance(3_000)
  await closing
  await open?.close()
  controller = undefined
  open = undefined
})

interface Situation {
  readonly canaryErrors?: number
  readonly token?: string
  readonly options?: Partial<ControllerOptions>
}

/** A rollout through the cluster of a test, with invented counts; these tests are about the target. */
async function rollout({ canaryErrors = 0, token, options }: Situation = {}) {
  clock = manualClock()
  open = await world()
  const { api } = open
  const credentials = async () => ({ token: token ?? api.token })
  const kube = createKube({ server: api.url, credentials }, { retries: 0 })
  const istio = istioTarget({ ...SPLIT, kube })
  const taken: number[] = []
  const target: Target = {
    ...istio,
    apply: async (split, signal) => {
      await istio.apply(split, signal)
      taken.push(split.weight)
    },
  }
  const alerts: string[] = []
  let counted = 0
  controller = createController({
    name: 'sentiment',
    plan: linearPlan([10, 50, 100], { minDurationMs: 10_000, minRequests: 1 }),
    warmUp: { durationMs: 0 },
    bake: { durationMs: 10_000 },
    guardrails: [errorRate({ margin: 0.02 })],
    judge: thresholdJudge({ minSamples: 100 }),
    intervalMs: 5_000,
    source: {
      read: async () => {
        counted += 1_000
        return { baseline: arm(counted, 0), canary: arm(counted, Math.round(counted * canaryErrors)) }
      },
    },
    target,
    clock,
    ...options,
  })
  controller.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  await controller.start()
  return { ...open, controller, alerts, taken }
}

/** Advances time until a condition is true, with real turns of the event loop in between for sockets. */
async function inTime(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await clock.advance(500)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a rollout behind Istio', () => {
  it('reaches 100 with a good canary, and writes every weight into the VirtualService', async () => {
    const { api, controller, weights } = await rollout()
    await inTime(() => controller.status().state === 'promoted')
    expect(weights()).toEqual(['stable 0', 'canary 100'])
    const written = api.requests
      .filter(({ method }) => method === 'PATCH')
      .map(
        ({ body }) =>
          JSON.parse(
            (body as { metadata: { annotations: Record<string, string> } }).metadata.annotations[
              'model-canary.dev/applied'
            ]!,
          ).weight,
      )
    expect(written).toEqual([10, 50, 100])
  })

  it('returns to 0 with a bad canary', async () => {
    const { controller, weights } = await rollout({ canaryErrors: 0.1 })
    await inTime(() => controller.status().state === 'rolled-back')
    await inTime(() => weights()[1] === 'canary 0')
    expect(weights()).toEqual(['stable 100', 'canary 0'])
  })

  it('holds with a wrong token, gives the reason, and continues once the token is accepted', async () => {
    const { api, controller, alerts, weights } = await rollout({ token: 'wrong' })
    await inTime(() => alerts.length > 0)
    expect(alerts[0]).toMatch(/^target: .*\[KUBE_UNAUTHORIZED\]/)
    for (let look = 0; look < 20; look += 1) await clock.advance(5_000)
    expect(weights()).toEqual(['stable 100', 'canary 0'])
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1 })
    api.rotateToken('wrong') // as good as any, once the server knows it
    await inTime(() => controller.status().state === 'promoted')
    expect(weights()).toEqual(['stable 0', 'canary 100'])
  })

  it('rolls back as soon as the server answers again', async () => {
    const { api, controller, weights } = await rollout({ canaryErrors: 0.1 })
    await until(() => weights()[1] === 'canary 10')
    api.fail({ times: 5, method: 'GET', status: 503 })
    await inTime(() => controller.status().state === 'rolled-back')
    await inTime(() => weights()[1] === 'canary 0')
    expect(controller.status().weight).toBe(0)
  })

  it('holds and alerts while another client has changed the weight, and continues when it is restored', async () => {
    const { api, controller, alerts, weights, taken } = await rollout()
    await until(() => taken.includes(10))
    const { spec } = api.peek(VIRTUAL_SERVICE)!
    const changed = JSON.parse(
      JSON.stringify(spec).replace('"weight":90', '"weight":60').replace('"weight":10', '"weight":40'),
    )
    await until(() => api.watchCount === 1)
    api.change(VIRTUAL_SERVICE, { spec: changed })
    await until(() => controller.status().drift !== null)
    expect(alerts).toEqual([expect.stringMatching(/^drift: .*gives the canary 40 %; 10 % was applied/)])
    expect(controller.explain()).toContain('40 %')
    for (let look = 0; look < 20; look += 1) await clock.advance(5_000)
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10, drift: { weight: 40 } })
    expect(weights()).toEqual(['stable 60', 'canary 40'])
    api.change(VIRTUAL_SERVICE, { spec })
    await until(() => controller.status().drift === null)
    await clock.advance(5_000)
    expect(controller.status().step).toBe(1) // the time of the drift does not count
    await inTime(() => controller.status().state === 'promoted')
  })

  it('is rolled back during a drift if the canary does harm', async () => {
    const { api, controller, weights } = await rollout({ canaryErrors: 0.1, options: { plan: linearPlan([10, 100]) } })
    await until(() => weights()[1] === 'canary 10' && api.watchCount === 1)
    const { spec } = api.peek(VIRTUAL_SERVICE)!
    api.change(VIRTUAL_SERVICE, {
      spec: JSON.parse(
        JSON.stringify(spec).replace('"weight":90', '"weight":60').replace('"weight":10', '"weight":40'),
      ),
    })
    await until(() => controller.status().drift !== null)
    await inTime(() => controller.status().state === 'rolled-back')
    await inTime(() => weights()[1] === 'canary 0')
  })
})

describe('a target that splits the traffic', () => {
  const kube = { get: async () => ({}), mergePatch: async () => ({}), create: async () => ({}), watch: () => () => {} }
  const target = istioTarget({ ...SPLIT, kube: kube as never })

  it('is refused by a canary that splits the traffic too', () => {
    clock = manualClock()
    const options = { name: 'x', versions: { baseline: 'v1', canary: 'v2' }, target }
    expect(() => createCanary(options)).toThrow(expect.objectContaining({ code: 'DOUBLE_SPLIT' }))
  })

  it('is refused by a plan with a weight that it cannot apply', () => {
    clock = manualClock()
    const source = { read: async () => 'no-data' as const }
    const plan = linearPlan([0.5, 100])
    expect(() => createController({ name: 'x', source, target, plan, warmUp: { durationMs: 0 } })).toThrow(
      expect.objectContaining({ code: 'INVALID_WEIGHT', message: expect.stringContaining('step 1 has 0.5 %') }),
    )
  })
})
