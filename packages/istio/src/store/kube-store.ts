import { CanaryError, type Clock, isCanaryError, systemClock } from '@model-canary/core'
import {
  DECISIONS_LOADED,
  type Fleet,
  type Records,
  type RecordWrite,
  type StateStore,
} from '@model-canary/core/controller'
import { refuseUnknown, text } from '@model-canary/foundation'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import { aFunction } from '../kube/options.js'
import { membersOf } from '../routes/json.js'
import { checkAddress } from '../target/check-address.js'
import { createKubeLease, type KubeLease } from './kube-lease.js'
import { readIfThere } from './read-if-there.js'

/** The options of {@link kubeStore}: where a rollout is stored in the cluster. */
export interface KubeStoreOptions {
  /** The client of the cluster's API server. */
  readonly kube: Kube
  /** The namespace of the two objects. */
  readonly namespace: string
  /**
   * The name of the ConfigMap and of the Lease, which are created if they do not exist. Each rollout needs its own.
   */
  readonly name: string
  /** The clock by which a lease runs out. @default systemClock */
  readonly clock?: Clock
}

/** The member of the ConfigMap that holds the rollout. */
const MEMBER = 'rollout.json'

/** The annotation with the highest fence. A new leader writes it, so that a write which its predecessor prepared fails. */
const FENCE = 'model-canary.dev/fence'

/** The longest stored text, in bytes: a ConfigMap holds a mebibyte, and its other members need some of it. */
const MOST_BYTES = 1_000_000

/** How often a new leader repeats the write of its fence after another client has written the ConfigMap. */
const MOST_CONFLICTS = 20

/**
 * Creates a store in a ConfigMap, with a Lease for the right to judge: for controllers in pods or CronJobs, of which one
 * leads and the next one continues where it stopped.
 *
 * A write carries the version that was read, so only one of two concurrent writers succeeds. Other members of the
 * ConfigMap are kept. The store keeps no counts, so `createCanary` refuses it with `NOT_SHARED`.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const store = kubeStore({ kube: createKube(inCluster()), namespace: 'models', name: 'sentiment-rollout' })
 */
export function kubeStore(options: KubeStoreOptions): StateStore {
  refuseUnknown('kubeStore', options, { kube: 1, namespace: 1, name: 1, clock: 1 })
  const { kube, clock = systemClock } = options
  aFunction('kube.get', kube?.get)
  const place = { namespace: text('namespace', options.namespace), name: text('name', options.name) }
  const address = checkAddress({ group: '', version: 'v1', plural: 'configmaps', ...place })
  const leaseAddress = checkAddress({ group: 'coordination.k8s.io', version: 'v1', plural: 'leases', ...place })
  const records = createConfigMap(kube, address)
  const storedFence = async (signal: AbortSignal): Promise<number> => {
    const object = await records.read(signal)
    return Math.max(fenceOf(object), recordsIn(object, address)?.head.fence ?? 0)
  }
  const lease = createKubeLease({ kube, address: leaseAddress, clock, storedFence })
  const stops = new Set<() => void>()

  return {
    load: async (signal) => recordsIn(await records.read(signal), address),
    async write(change, signal) {
      const object = await records.read(signal)
      const stored = recordsIn(object, address)
      if (stored?.head.tag === change.head.tag) return { kind: 'written' } // the answer to an earlier attempt was lost
      if ((stored?.head.tag ?? null) !== change.expect) return { kind: 'moved', head: stored?.head }
      // after the read: the next leader writes its fence into what was read, or had it written before
      if (change.lease && !(await lease.isInForce(change.lease, signal))) return { kind: 'deposed', head: stored?.head }
      if (await records.put(object, { data: { [MEMBER]: textOf(afterWrite(stored, change)) } }, signal))
        return { kind: 'written' }
      // the conflict is our own write if its response was lost and it was retried
      const found = recordsIn(await records.read(signal), address)?.head
      return found?.tag === change.head.tag ? { kind: 'written' } : { kind: 'moved', head: found }
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
    fleet: createFleet(records, address, lease),
  }
}

/** Creates the part for several processes: the lease and the body, and no counts. */
function createFleet(records: ConfigMap, address: KubeAddress, lease: KubeLease): Fleet {
  let announced = 0
  return {
    async lease(ask, signal) {
      const answer = await lease.ask(ask, signal)
      if (!answer.isMine || answer.fence === announced) return answer
      await announce(records, answer.fence, signal)
      announced = answer.fence
      return answer
    },
    async keep(body, tag, held, signal) {
      const object = await records.read(signal)
      const stored = recordsIn(object, address)
      if (!(await lease.isInForce(held, signal))) return 'deposed'
      if (stored?.head.tag !== tag) return 'moved'
      const isKept = await records.put(object, { data: { [MEMBER]: textOf({ ...stored, body }) } }, signal)
      return isKept ? 'kept' : 'moved'
    },
    hasReports: false,
    publish: noCounts,
    collect: noCounts,
    members: async () => [],
  }
}

/** Refuses counts: one write a second from each process would be too much for the cluster's API. */
async function noCounts(): Promise<never> {
  throw new CanaryError('STORE_FAILED', 'kubeStore keeps no counts; use createController with it, or another store')
}

/** The ConfigMap of a rollout. */
interface ConfigMap {
  read(signal: AbortSignal): Promise<KubeObject | undefined>
  /** Writes over the version that was read. Resolves to false if somebody else has written since. */
  put(object: KubeObject | undefined, patch: ConfigMapPatch, signal: AbortSignal): Promise<boolean>
}

interface ConfigMapPatch {
  readonly data?: object
  readonly annotations?: object
}

function createConfigMap(kube: Kube, address: KubeAddress): ConfigMap {
  const { name, namespace } = address
  return {
    read: (signal) => readIfThere(kube, address, signal),
    async put(object, { data = {}, annotations = {} }, signal) {
      const own = { metadata: { name, namespace, annotations }, data }
      const { resourceVersion } = object?.metadata ?? {}
      try {
        if (object === undefined) await kube.create(address, { apiVersion: 'v1', kind: 'ConfigMap', ...own }, signal)
        else await kube.mergePatch(address, { metadata: { resourceVersion, annotations }, data }, signal)
        return true
      } catch (error) {
        if (!isCanaryError(error, 'KUBE_CONFLICT')) throw error
        return false
      }
    },
  }
}

/** Writes the fence of a new leader into the ConfigMap, unless it has a higher one. */
async function announce(records: ConfigMap, fence: number, signal: AbortSignal): Promise<void> {
  for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
    const object = await records.read(signal)
    if (fenceOf(object) >= fence) return
    if (await records.put(object, { annotations: { [FENCE]: `${fence}` } }, signal)) return
  }
  throw new CanaryError('STORE_FAILED', 'the ConfigMap is being written all the time, and the new leader cannot begin')
}

const fenceOf = (object: KubeObject | undefined): number => Number(object?.metadata.annotations?.[FENCE]) || 0

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
