import { randomUUID } from 'node:crypto'
import { CanaryError, isCanaryError } from '@model-canary/core'
import type { StateStore, StoredRollout } from '@model-canary/core/controller'
import { refuseUnknown, text } from '@model-canary/foundation'
import type { Kube, KubeAddress, KubeObject } from './kube/kube.js'
import { aFunction } from './kube/options.js'
import { membersOf } from './routes/json.js'
import { checkAddress } from './target/check-address.js'

/** Where a rollout is kept in the cluster. */
export interface ConfigMapStoreOptions {
  readonly kube: Kube
  readonly namespace: string
  /** The ConfigMap; made if it is not there. One for each rollout. */
  readonly name: string
}

/** The member of the ConfigMap that holds the rollout. */
const MEMBER = 'rollout.json'

/** The annotation that tells one write from another of the same text. */
const WRITE = 'model-canary.dev/write'

/** A ConfigMap holds a mebibyte; what surrounds the text needs a little of it. */
const MOST_BYTES = 1_000_000

/**
 * A store in a ConfigMap: a controller in a pod, or in a CronJob, goes on where the one before it stopped.
 *
 * A write carries the version that was read, so that of two writers one wins. Other members of the ConfigMap stay.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const store = configMapStore({ kube: createKube(inCluster()), namespace: 'models', name: 'sentiment-rollout' })
 */
export function configMapStore(options: ConfigMapStoreOptions): StateStore {
  refuseUnknown('configMapStore', options, { kube: 1, namespace: 1, name: 1 })
  const { kube } = options
  aFunction('kube.get', kube?.get)
  const [namespace, name] = [text('namespace', options.namespace), text('name', options.name)]
  const address: KubeAddress = checkAddress({ group: '', version: 'v1', plural: 'configmaps', namespace, name })
  const stops = new Set<() => void>()

  const read = async (): Promise<KubeObject | undefined> => {
    try {
      return await kube.get(address)
    } catch (error) {
      if (isCanaryError(error, 'KUBE_NOT_FOUND')) return undefined
      throw error
    }
  }

  const rolloutIn = (object: KubeObject | undefined): StoredRollout | undefined => {
    const stored = membersOf(object?.data)[MEMBER]
    if (typeof stored !== 'string') return undefined
    try {
      return JSON.parse(stored) as StoredRollout
    } catch (cause) {
      throw new CanaryError('INVALID_STATE', `${MEMBER} of ConfigMap ${namespace}/${name} is no JSON`, { cause })
    }
  }

  const write = async (object: KubeObject | undefined, rest: object, data: object): Promise<void> => {
    if (object === undefined) {
      await kube.create(address, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...rest }, data })
      return
    }
    await kube.mergePatch(address, { metadata: { resourceVersion: object.metadata.resourceVersion, ...rest }, data })
  }

  return {
    load: async () => rolloutIn(await read()),
    async compareAndSet(next, expectedRevision) {
      const object = await read()
      if ((rolloutIn(object)?.revision ?? 0) !== expectedRevision) return false
      const written = JSON.stringify(next)
      const bytes = Buffer.byteLength(written)
      if (bytes > MOST_BYTES) {
        throw new CanaryError('STORE_FAILED', `the rollout has ${bytes} bytes; lower maxStoredBytes`)
      }
      const id = randomUUID()
      try {
        await write(object, { annotations: { [WRITE]: id } }, { [MEMBER]: written })
        return true
      } catch (error) {
        if (!isCanaryError(error, 'KUBE_CONFLICT')) throw error
        // a write whose answer was lost, and that is tried again, meets itself
        return (await read())?.metadata.annotations?.[WRITE] === id
      }
    },
    subscribe(listener) {
      const stop = kube.watch(address, (event) => {
        if (event.type !== 'present') return
        const stored = attempt(() => rolloutIn(event.object))
        if (stored !== undefined) listener(stored)
      })
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    async close() {
      for (const stop of stops) stop()
      stops.clear()
    },
  }
}

/** What cannot be read is no news; the next `load` says what is wrong with it. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
