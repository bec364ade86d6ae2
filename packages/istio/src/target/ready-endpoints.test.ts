import { errorRate, linearPlan } from '@model-canary/core'
import { createController } from '@model-canary/core/controller'
import { emptySummary } from '@model-canary/core/judge'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gatewayTarget } from './gateway-target.js'
import { istioTarget } from './istio-target.js'
import { DESTINATION_RULE, SPLIT, unhurried, type World, world } from './world.fixture.js'

async function cluster(): Promise<World> {
  const made = await world()
  onTestFinished(() => made.close())
  return made
}

/** The endpoints of a service, and the pods behind them with their versions; some of them are not ready. */
function run({ api }: World, service: string, ready: readonly string[], notReady: readonly string[] = []): void {
  const pod = (version: string, at: number) => ({
    ip: `10.0.0.${at + 1}`,
    targetRef: { kind: 'Pod', name: `${version}-${at}` },
  })
  api.put({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: service, namespace: 'models' },
    subsets: [{ addresses: ready.map(pod), notReadyAddresses: notReady.map(pod) }],
  })
  for (const [at, version] of [...ready.entries(), ...notReady.entries()]) {
    const metadata = { name: `${version}-${at}`, namespace: 'models', labels: { app: service, version } }
    api.put({ apiVersion: 'v1', kind: 'Pod', metadata })
  }
}

const refusal = { code: 'ROUTE_NOT_READY', message: expect.stringContaining('has no ready endpoint') }

describe('the baseline of a promoted canary', () => {
  it.each([
    ['a pod of the subset is ready', ['v2', 'v1'], [], true],
    ['only pods of the canary are', ['v2', 'v2'], [], false],
    ['its pods are there and not ready', ['v2'], ['v1', 'v1'], false],
    ['the service has no endpoint at all', [], [], false],
  ] as const)('as a subset: %s', async (_, ready, notReady, isReady) => {
    const made = await cluster()
    run(made, 'sentiment', ready, notReady)
    const checked = istioTarget({ ...SPLIT, kube: made.kube }).checkBaseline(unhurried)
    await (isReady ? expect(checked).resolves.toBeUndefined() : expect(checked).rejects.toMatchObject(refusal))
  })

  it.each([
    [
      'istioTarget',
      (kube: World['kube']) =>
        istioTarget({
          kube,
          namespace: 'models',
          virtualService: 'sentiment',
          hosts: { baseline: 'old.models.svc.cluster.local', canary: 'new' },
        }),
    ],
    [
      'gatewayTarget',
      (kube: World['kube']) =>
        gatewayTarget({
          kube,
          namespace: 'models',
          httpRoute: 'sentiment',
          backends: { baseline: 'old', canary: 'new' },
        }),
    ],
  ])('as a service of its own, with %s', async (_, targetOf) => {
    const made = await cluster()
    run(made, 'old', [], ['v1'])
    run(made, 'new', ['v2'])
    await expect(targetOf(made.kube).checkBaseline(unhurried)).rejects.toMatchObject(refusal)
    run(made, 'old', ['v1'])
    await expect(targetOf(made.kube).checkBaseline(unhurried)).resolves.toBeUndefined()
  })

  it('that cannot be read does not count as ready', async () => {
    const made = await cluster()
    const target = istioTarget({ ...SPLIT, kube: made.kube })
    await expect(target.checkBaseline(unhurried)).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' })
  })

  it('as a subset of a rule that was not named: says which option is missing if no rule has the assumed name', async () => {
    const made = await cluster()
    run(made, 'sentiment', ['v1'])
    made.api.remove(DESTINATION_RULE)
    await expect(istioTarget({ ...SPLIT, kube: made.kube }).checkBaseline(unhurried)).rejects.toMatchObject({
      code: 'ROUTE_NOT_READY',
      message: expect.stringMatching(/models\/sentiment.*not found.*pass destinationRule to istioTarget/),
    })
    const named = istioTarget({ ...SPLIT, kube: made.kube, destinationRule: { name: 'sentiment' } })
    await expect(named.checkBaseline(unhurried)).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' })
  })

  it('decides whether rollback() undoes the promotion, or changes nothing', async () => {
    const made = await cluster()
    run(made, 'sentiment', ['v2'])
    const controller = createController({
      name: 'sentiment',
      source: { read: async () => ({ baseline: emptySummary(), canary: emptySummary() }) },
      target: istioTarget({ ...SPLIT, kube: made.kube }),
      plan: linearPlan([50, 100]),
      warmUp: { durationMs: 0 },
      guardrails: [errorRate()],
    })
    onTestFinished(() => controller.close())
    await controller.start()
    await controller.promote({ full: true })
    await expect.poll(() => made.weights()).toEqual(['stable 0', 'canary 100'])
    await expect(controller.rollback()).rejects.toMatchObject({ code: 'TARGET_FAILED' })
    expect([controller.status().state, made.weights()]).toEqual(['promoted', ['stable 0', 'canary 100']])
    run(made, 'sentiment', ['v2', 'v1'])
    expect(await controller.rollback()).toMatchObject({ state: 'rolled-back' })
    expect(made.weights()).toEqual(['stable 100', 'canary 0'])
  })
})
