import { CanaryError, isCanaryError } from '@model-canary/core'
import { DECISIONS_LOADED, type Records, type RecordWrite, type StateStore } from '@model-canary/core/controller'
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

  const write = async (object: KubeObject | undefined, data: object): Promise<void> => {
    if (object === undefined) {
      await kube.create(address, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data })
      return
    }
    await kube.mergePatch(address, { metadata: { resourceVersion: object.metadata.resourceVersion }, data })
  }

  return {
    load: async () => recordsIn(await read(), address),
    async write(change) {
      const object = await read()
      const stored = recordsIn(object, address)
      if (stored?.head.tag === change.head.tag) return { kind: 'written' } // the answer to an earlier attempt was lost
      if ((stored?.head.tag ?? null) !== change.expect) return { kind: 'moved', head: stored?.head }
      const text = textOf(afterWrite(stored, change))
      try {
        await write(object, { [MEMBER]: text })
        return { kind: 'written' }
      } catch (error) {
        if (!isCanaryError(error, 'KUBE_CONFLICT')) throw error
        // the conflict is our own write if its response was lost and it was retried
        const found = recordsIn(await read(), address)?.head
        return found?.tag === change.head.tag ? { kind: 'written' } : { kind: 'moved', head: found }
      }
    },
    follow(listener) {
      const stop = kube.watch(address, (event) => {
        if (event.type !== 'present') return
        const stored = attempt(() => recordsIn(event.object, address))
        if (stored !== undefined) listener(stored.head)
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

/** Returns the records that a ConfigMap holds; `undefined` if it holds none. @throws `INVALID_STATE` */
function recordsIn(object: KubeObject | undefined, { namespace, name }: KubeAddress): Records | undefined {
  const stored = membersOf(object?.data)[MEMBER]
  if (typeof stored !== 'string') return undefined
  try {
    return JSON.parse(stored) as Records
  } catch (cause) {
    throw new CanaryError(
      'INVALID_STATE',
      `${MEMBER} of ConfigMap ${namespace}/${name} is not valid JSON; correct or delete it`,
      { cause },
    )
  }
}

/** Returns the records after a write. Only the decisions that `load` returns are kept, because a ConfigMap is small. */
const afterWrite = (stored: Records | undefined, { head, body, decisions = [] }: RecordWrite): Records => ({
  head,
  body: body ?? stored?.body ?? null,
  history: [...(stored?.history ?? []), ...decisions].slice(-DECISIONS_LOADED),
})

/** Returns the text that is stored. @throws `STORE_FAILED` if it is too long for a ConfigMap */
function textOf(records: Records): string {
  const written = JSON.stringify(records)
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
