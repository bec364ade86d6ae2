import { type Controller, createController, memoryStore, type StateStore } from '@model-canary/core/controller'
import { afterEach, describe, expect, it } from 'vitest'
import { kubeStore } from '../src/store/kube-store.js'
import type { IstioTargetOptions } from '../src/target/istio-target.js'
import { arm, QUICK } from '../src/target/quick-rollout.fixture.js'
import { stageOfEachTest } from '../src/target/stage.fixture.js'
import { DESTINATION_RULE } from '../src/target/world.fixture.js'

const open = stageOfEachTest()
const { targetOf, edit, canary, markNow } = open
const controllers: Controller[] = []
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.close()
})

type Versions = { readonly baseline: string; readonly canary: string }

/** A controller of a release, in real time; without a store of its own it remembers nothing of the release before. */
function controllerOf(versions: Versions, store?: StateStore, isCounting = true) {
  let counted = 0
  const labels = { canary: { version: versions.canary } }
  const options: Partial<IstioTargetOptions> = { destinationRule: { name: 'sentiment', labels } }
  const controller = createController({
    ...QUICK,
    versions,
    logger: false,
    source: {
      async read() {
        if (!isCounting) return 'no-data'
        counted += 500
        return { baseline: arm(counted), canary: arm(counted) }
      },
    },
    target: targetOf(options),
    ...(store && { store }),
  })
  controllers.push(controller)
  return controller
}

/** Points the baseline's subset at a version, as somebody does who prepares the next release. */
const pointBaselineAt = (version: string): void => {
  const subsets = [
    { name: 'stable', labels: { version } },
    { name: 'canary', labels: { version: 'v2' } },
  ]
  open.api.change(DESTINATION_RULE, { spec: { subsets } })
}

const first = { baseline: 'v1', canary: 'v2' }
const next = { baseline: 'v2', canary: 'v3' }
const configMap = (): StateStore => kubeStore({ kube: open.kube, namespace: 'models', name: 'rollout' })
const withoutLeases = memoryStore()

describe('the release after a promotion', () => {
  it.each<[string, () => StateStore | undefined]>([
    ['a ConfigMap', configMap],
    ['a store without leases', () => withoutLeases],
    ['no store', () => undefined],
  ])('goes through once the baseline has the promoted version and all traffic: %s', async (_, storeOf) => {
    const before = controllerOf(first, storeOf())
    await before.run()
    expect(canary()).toBe(100)
    await before.close()
    pointBaselineAt('v2')
    edit(0)
    const controller = controllerOf(next, storeOf())
    expect(await controller.run()).toMatchObject({ state: 'promoted', versions: next, drift: null })
    expect([canary(), markNow().weight]).toEqual([100, 100])
    expect(open.api.peek(DESTINATION_RULE)!.spec).toMatchObject({ subsets: [{}, { labels: { version: 'v3' } }] })
  })
})

describe('a controller that holds because it found another one’s canary', () => {
  it('begins once that canary has no traffic', async () => {
    const other = controllerOf(first, undefined, false)
    await other.start()
    await expect.poll(canary).toBe(10)
    await other.close()
    const controller = controllerOf(first)
    await controller.start()
    await expect.poll(() => controller.status().drift?.message).toContain('another controller has applied 10 %')
    edit(0)
    await expect.poll(() => controller.status().state, { timeout: 10_000 }).toBe('promoted')
    expect(controller.status().drift).toBeNull()
  })
})
