import { randomUUID } from 'node:crypto'
import { CanaryError, isCanaryError } from '@model-canary/core'
import type { StateStore, StoredRollout } from '@model-canary/core/controller'
import { refuseUnknown, text } from '@model-canary/foundation'
import type { Kube, KubeAddress, KubeObject } from './kube/kube.js'
import { aFunction } from './kube/options.js'
import { membersOf } from './routes/json.js'
import { checkAddress } from './target/check-address.js'

/** The options of {@link configMapStore}: where a rollout is stored in the cluster. */
export interface ConfigMapStoreOptions {
  /** The client of the cluster's API server. */
  readonly kube: Kube
  /** The namespace of the ConfigMap. */
  readonly namespace: string
  /** The name of the ConfigMap, which is created if it does not exist. Each rollout needs its own. */
  readonly name: string
}

/** The member of the ConfigMap that holds the rollout. */
const MEMBER = 'rollout.json'

/** The annotation that distinguishes two writes of the same text. */
const WRITE = 'model-canary.dev/write'

/** The longest stored text, in bytes: a ConfigMap holds a mebibyte, and its other members need some of it. */
const MOST_BYTES = 1_000_000

/**
 * Creates a store in a ConfigMap, so that a controller in a pod or a CronJob continues where its predecessor stopped.
 *
 * A write carries the version that was read, so only one of two concurrent writers succeeds. Other members of the
 * ConfigMap are kept.
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

  const read = (): Promise<KubeObject | undefined> => readIfThere(kube, address)

  const write = async (object: KubeObject | undefined, rest: object, data: object): Promise<void> => {
    if (object === undefined) {
      await kube.create(address, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...rest }, data })
      return
    }
    await kube.mergePatch(address, { metadata: { resourceVersion: object.metadata.resourceVersion, ...rest }, data })
  }

  return {
    load: async () => rolloutIn(await read(), address),
    async compareAndSet(next, expectedRevision) {
      const object = await read()
      if ((rolloutIn(object, address)?.revision ?? 0) !== expectedRevision) return false
      const written = textOf(next)
      const id = randomUUID()
      try {
        await write(object, { annotations: { [WRITE]: id } }, { [MEMBER]: written })
        return true
      } catch (error) {
        if (!isCanaryError(error, 'KUBE_CONFLICT')) throw error
        // the conflict is our own write if its response was lost and it was retried
        return (await read())?.metadata.annotations?.[WRITE] === id
      }
    },
    subscribe(listener) {
      const stop = kube.watch(address, (event) => {
        if (event.type !== 'present') return
        const stored = attempt(() => rolloutIn(event.object, address))
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

/** Reads an object; `undefined` if it does not exist. */
async function readIfThere(kube: Kube, address: KubeAddress): Promise<KubeObject | undefined> {
  try {
    return await kube.get(address)
  } catch (error) {
    if (isCanaryError(error, 'KUBE_NOT_FOUND')) return undefined
    throw error
  }
}

/** Returns the rollout that a ConfigMap holds; `undefined` if it holds none. @throws `INVALID_STATE` */
function rolloutIn(object: KubeObject | undefined, { namespace, name }: KubeAddress): StoredRollout | undefined {
  const stored = membersOf(object?.data)[MEMBER]
  if (typeof stored !== 'string') return undefined
  try {
    return JSON.parse(stored) as StoredRollout
  } catch (cause) {
    throw new CanaryError(
      'INVALID_STATE',
      `${MEMBER} of ConfigMap ${namespace}/${name} is not valid JSON; correct or delete it`,
      { cause },
    )
  }
}

/** Returns the text that is stored for a rollout. @throws `STORE_FAILED` if it is too long for a ConfigMap */
function textOf(rollout: StoredRollout): string {
  const written = JSON.stringify(rollout)
  const bytes = Buffer.byteLength(written)
  if (bytes <= MOST_BYTES) return written
  throw new CanaryError('STORE_FAILED', `the rollout has ${bytes} bytes; lower maxStoredBytes`)
}

/** Returns `undefined` if `read` throws; the next `load` reports the error. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
