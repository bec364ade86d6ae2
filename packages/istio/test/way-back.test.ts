import {
  type Controller,
  type ControllerOptions,
  createController,
  type StateStore,
} from '@model-canary/core/controller'
import { afterEach, describe, expect, it } from 'vitest'
import { createKube } from '../src/kube/create-kube.js'
import { kubeStore } from '../src/store/kube-store.js'
import type { IstioTargetOptions } from '../src/target/istio-target.js'
import { arm, QUICK } from '../src/target/quick-rollout.fixture.js'
import { stageOfEachTest } from '../src/target/stage.fixture.js'

const open = stageOfEachTest()
const { targetOf, edit, replace, canary, writes } = open
const controllers: Controller[] = []
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.close()
})

interface Setting {
  readonly canaryErrors?: number
  readonly onDrift?: IstioTargetOptions['onDrift']
  readonly store?: StateStore
  readonly options?: Partial<ControllerOptions>
}

/** A controller in real time over a cluster with a fake server. */
function controllerOf({ canaryErrors = 0, onDrift = 'hold', store, options }: Setting = {}) {
  let counted = 0
  const kube = createKube(
    { server: open.api.url, credentials: async () => ({ token: open.api.token }) },
    { retries: 0 },
  )
  const controller = createController({
    ...QUICK,
    source: {
      read: async () => {
        counted += 500
        const errors = Math.round(counted * canaryErrors)
        return { baseline: arm(counted, 0), canary: arm(counted - errors, errors) }
      },
    },
    target: targetOf({ kube, onDrift }),
    ...(store && { store }),
    ...options,
  })
  controllers.push(controller)
  return controller
}
/** The store of a process. */
const configMap = () => kubeStore({ kube: open.kube, namespace: 'models', name: 'rollout' })
/** Options with which a rollout stays in its first step, of the same plan as any other. */
const uncounted: Partial<ControllerOptions> = { source: { read: async () => 'no-data' } }

describe('after a rollback', () => {
  it.each(['hold', 'reassert'] as const)(
    'a weight that somebody puts back is told, and 0 again: %s',
    async (onDrift) => {
      const controller = controllerOf({ canaryErrors: 0.5, onDrift })
      const alerts: string[] = []
      controller.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
      await controller.run()
      expect(canary()).toBe(0)
      edit(40)
      await expect.poll(canary, { timeout: 5_000 }).toBe(0) // a second after the write before it, at the earliest
      expect(alerts).toContainEqual(expect.stringMatching(/^drift: .*40 %/))
      await expect.poll(() => controller.status().drift).toBeNull()
    },
  )
})

describe('after a promotion', () => {
  it('a weight that git restores stays, and is drift', async () => {
    const controller = controllerOf()
    await controller.run()
    expect(canary()).toBe(100)
    edit(0)
    await expect.poll(() => controller.status().drift).toMatchObject({ weight: 0 })
    expect(controller.status().state).toBe('promoted')
    expect(canary()).toBe(0)
  })

  it('it is 100 again with "reassert"', async () => {
    await controllerOf({ onDrift: 'reassert' }).run()
    edit(0)
    await expect.poll(canary).toBe(100)
  })
})

describe('a restart', () => {
  it.each([
    ['lowered', 0],
    ['raised', 40],
  ])('does not start over on a route that was replaced meanwhile, and %s', async (_name, weight) => {
    const first = controllerOf({ store: configMap(), options: uncounted })
    await first.start()
    await expect.poll(canary).toBe(10)
    await first.close()
    replace(weight)
    const before = writes()
    const second = controllerOf({ store: configMap() })
    await second.start()
    await expect.poll(() => second.status().drift).toMatchObject({ weight })
    await expect.poll(() => second.status().internalErrors.TARGET_FAILED).toBeGreaterThan(1)
    expect([canary(), writes()]).toEqual([weight, before])
    await second.rollback({ reason: 'enough' })
    expect(canary()).toBe(0)
  })

  it('continues if the weight is unchanged, also without a mark', async () => {
    const first = controllerOf({ store: configMap(), options: uncounted })
    await first.start()
    await expect.poll(canary).toBe(10)
    await first.close()
    replace(10)
    const second = controllerOf({ store: configMap() })
    expect(await second.run()).toMatchObject({ state: 'promoted' })
    expect(canary()).toBe(100)
  })

  it('completes a stored rollback to 0, whatever the route has', async () => {
    const store = configMap()
    await controllerOf({ canaryErrors: 0.5, store }).run()
    await controllers.pop()!.close()
    replace(40)
    await controllerOf({ store: configMap() }).start()
    await expect.poll(canary).toBe(0)
  })
})

describe('two controllers without a common store', () => {
  it('do not alternate: the second one sees the first one’s writer, holds, and can still roll back', async () => {
    const first = controllerOf({ options: uncounted })
    await first.start()
    await expect.poll(canary).toBe(10)
    const before = writes()
    const second = controllerOf()
    await second.start()
    await expect.poll(() => second.status().drift?.message).toContain('another controller has applied 10 %')
    await expect.poll(() => second.status().internalErrors.TARGET_FAILED).toBeGreaterThan(1)
    expect([canary(), writes()]).toEqual([10, before])
    expect(first.status()).toMatchObject({ state: 'progressing', drift: null })
    await second.rollback({ reason: 'this one' })
    expect(canary()).toBe(0)
    await expect.poll(() => first.status().drift?.weight).toBe(0)
  })

  it('hold also if the first one is in a later epoch, after a restart without stored state', async () => {
    const first = controllerOf({ store: configMap(), options: uncounted })
    await first.start()
    await expect.poll(canary).toBe(10)
    await first.rollback()
    await first.retry()
    await expect.poll(canary).toBe(10)
    const before = writes()
    const second = controllerOf({ onDrift: 'reassert' })
    await second.start()
    await expect.poll(() => second.status().drift?.message).toContain('a later rollout (epoch 2) has applied 10 %')
    await expect.poll(() => second.status().internalErrors.TARGET_FAILED).toBeGreaterThan(1)
    expect([canary(), writes(), first.status().drift]).toEqual([10, before, null])
    expect(second.status()).toMatchObject({ epoch: 1, inForce: { weight: 10 }, heldBy: { by: 'target' } })
    expect(await second.rollback({ reason: 'this one' })).toMatchObject({ inForce: { weight: 0 } })
    expect(canary()).toBe(0)
    await expect.poll(() => first.status().drift?.weight).toBe(0) // told at once, and not raised again
    await first.promote()
    await expect.poll(() => first.status().heldBy).toMatchObject({ by: 'drift' })
    expect([canary(), second.status().drift]).toEqual([0, null])
  })
})
