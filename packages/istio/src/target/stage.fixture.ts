import type { FakeObject } from '@model-canary/testing'
import { afterEach, beforeEach, expect } from 'vitest'
import { type IstioTargetOptions, istioTarget } from './istio-target.js'
import { MARK } from './mark.js'
import { SPLIT, VIRTUAL_SERVICE, type World, world } from './world.fixture.js'

/** A cluster for each test, targets over it, and changes of its route by another client. */
export interface Stage extends Omit<World, 'close'> {
  targetOf(options?: Partial<IstioTargetOptions>): ReturnType<typeof istioTarget>
  /** Changes the weight as `kubectl edit` does. */
  edit(canary: number): void
  /** Replaces the route as `kubectl replace` does, so that the annotation is gone. */
  replace(canary: number): void
  /** Deletes the route and creates it again. */
  recreate(canary: number): void
  /** The canary's share in the route, in percent. */
  canary(): number
  /** How often the route has been written over HTTP. The same write by two clients at the same moment counts once. */
  writes(): number
  markNow(): Record<string, unknown>
}

/** The error of a target whose route another client has changed. */
export const drifted = expect.objectContaining({ code: 'ROUTE_DRIFTED' })

/** Returns a route with this share of the canary, as another client writes it. */
export const specOf = (canary: number) => {
  const to = (subset: string, weight: number) => ({ destination: { host: 'sentiment', subset }, weight })
  return { http: [{ name: 'split', route: [to('stable', 100 - canary), to('canary', canary)] }] }
}

/** Sets the stage before each test of the file that calls this, and clears it afterwards. */
export function stageOfEachTest(): Stage {
  let open: World
  beforeEach(async () => {
    open = await world()
  })
  afterEach(() => open.close())
  const found = () => open.api.peek(VIRTUAL_SERVICE)!

  return {
    get api() {
      return open.api
    },
    get kube() {
      return open.kube
    },
    weights: (route) => open.weights(route),
    targetOf: (options) => istioTarget({ ...SPLIT, kube: open.kube, ...options } as IstioTargetOptions),
    edit: (canary) => void open.api.change(VIRTUAL_SERVICE, { spec: specOf(canary) }),
    replace: (canary) =>
      void open.api.change(VIRTUAL_SERVICE, { metadata: { annotations: null }, spec: specOf(canary) }),
    recreate(canary) {
      const { apiVersion, kind, metadata, spec } = found()
      const { name, namespace } = metadata
      open.api.remove(VIRTUAL_SERVICE)
      open.api.put({
        ...{ apiVersion, kind, metadata: { name, namespace } },
        spec: { ...(spec as object), ...specOf(canary) },
      })
    },
    canary: () => Number(open.weights()[1]!.split(' ')[1]),
    writes() {
      const patches = open.api.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('virtual'))
      // The second of two that name the same version is refused as a conflict.
      const written = patches.map(({ body }) => {
        const { metadata, spec } = body as FakeObject
        return JSON.stringify([metadata.resourceVersion, spec])
      })
      return new Set(written).size
    },
    markNow: () => JSON.parse(found().metadata.annotations![MARK]!),
  }
}
