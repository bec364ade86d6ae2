import { type Clock, isCanaryError } from '@model-canary/core'
import type { Lease, LeaseAnswer, LeaseAsk } from '@model-canary/core/controller'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import { membersOf } from '../routes/json.js'
import { readIfThere } from './read-if-there.js'

/** The lease of a rollout, in an object of the kind Lease, with the members that client-go writes. */
export interface KubeLease {
  /** Takes, renews or returns the lease. */
  ask(ask: LeaseAsk, signal: AbortSignal): Promise<LeaseAnswer>
  /** Returns whether a lease is in force, as far as this process can tell. */
  isInForce(lease: Lease, signal: AbortSignal): Promise<boolean>
}

/** The options of {@link createKubeLease}. */
export interface KubeLeaseOptions {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly clock: Clock
  /** Returns the highest fence that is stored with the rollout. */
  readonly storedFence: (signal: AbortSignal) => Promise<number>
}

/** The annotation with the exact duration in milliseconds, because the specification holds whole seconds. */
const DURATION = 'model-canary.dev/lease-ms'

/** How often a write is repeated after another client has written the Lease. */
const MOST_CONFLICTS = 5

/** What an object of the kind Lease says. */
interface Held {
  /** `undefined` if the lease was returned. */
  readonly id: string | undefined
  readonly fence: number
  readonly ttlMs: number
}

/**
 * Creates the access to a Lease. Like client-go, a process counts the duration from the time at which it saw the latest
 * renewal, so that no clocks are compared. `leaseTransitions` is the fence: it rises with every new lease.
 */
export function createKubeLease({ kube, address, clock, storedFence }: KubeLeaseOptions): KubeLease {
  const seen = createSightings(clock)

  const attempt = async (ask: LeaseAsk, signal: AbortSignal): Promise<LeaseAnswer> => {
    const object = await readIfThere(kube, address, signal)
    const held = heldIn(object)
    const leftMs = seen.leftMs(object, held)
    const isHolder = leftMs > 0 && held.id === ask.id
    if ('release' in ask) {
      if (isHolder) await kube.mergePatch(address, returned(object!, clock), signal)
      return isHolder || leftMs === 0 ? free(held.fence) : answerOf(held, leftMs, ask.id)
    }
    if (leftMs > 0 && !isHolder) return answerOf(held, leftMs, ask.id)
    const fence = isHolder ? held.fence : Math.max(held.fence, ask.leastFence, await storedFence(signal)) + 1
    const sentMs = clock.elapsed()
    const next = taken({ id: ask.id, fence, ttlMs: ask.ttlMs }, clock, !isHolder)
    const written = object
      ? await kube.mergePatch(address, withVersion(next, object), signal)
      : await kube.create(address, created(next, address), signal)
    seen.put(written, sentMs)
    return { isMine: true, fence, holder: ask.id, leftMs: Math.max(0, sentMs + ask.ttlMs - clock.elapsed()) }
  }

  return {
    async ask(ask, signal) {
      for (let conflicts = 0; ; conflicts += 1) {
        try {
          return await attempt(ask, signal)
        } catch (error) {
          if (!isCanaryError(error, 'KUBE_CONFLICT') || conflicts >= MOST_CONFLICTS) throw error
        }
      }
    },
    async isInForce({ id, fence }, signal) {
      const object = await readIfThere(kube, address, signal)
      const held = heldIn(object)
      return held.id === id && held.fence === fence && seen.leftMs(object, held) > 0
    },
  }
}

/** Remembers which version of the Lease was seen when. */
function createSightings(clock: Clock) {
  let version: string | undefined
  let seenMs = 0
  const put = ({ metadata }: KubeObject, atMs: number): void => {
    version = metadata.resourceVersion
    seenMs = atMs
  }
  return {
    put,
    /** Returns how long the lease is in force, in milliseconds, counted from the first sight of this version. */
    leftMs(object: KubeObject | undefined, { id, ttlMs }: Held): number {
      if (object === undefined || id === undefined) return 0
      if (object.metadata.resourceVersion !== version) put(object, clock.elapsed())
      return Math.max(0, seenMs + ttlMs - clock.elapsed())
    },
  }
}

/** Reads an object; also one that another client wrote, such as client-go. */
function heldIn(object: KubeObject | undefined): Held {
  const { holderIdentity: id, leaseDurationSeconds, leaseTransitions } = membersOf(object?.spec)
  const exactMs = Number(object?.metadata.annotations?.[DURATION])
  return {
    id: typeof id === 'string' && id !== '' ? id : undefined,
    fence: Number(leaseTransitions ?? 0) || 0,
    ttlMs: exactMs > 0 ? exactMs : (Number(leaseDurationSeconds) || 0) * 1_000,
  }
}

const free = (fence: number): LeaseAnswer => ({ isMine: false, fence, holder: null, leftMs: 0 })

const answerOf = ({ id, fence }: Held, leftMs: number, asker: string): LeaseAnswer => ({
  ...{ fence, leftMs, holder: id ?? null },
  isMine: id === asker,
})

/** What is written to take or renew the lease. */
interface LeasePatch {
  readonly metadata: object
  readonly spec: object
}

function taken({ id, fence, ttlMs }: { id: string; fence: number; ttlMs: number }, clock: Clock, isNew: boolean) {
  const now = microTime(clock)
  return {
    metadata: { annotations: { [DURATION]: `${ttlMs}` } },
    spec: {
      holderIdentity: id,
      leaseDurationSeconds: Math.max(1, Math.ceil(ttlMs / 1_000)),
      ...(isNew && { acquireTime: now }),
      renewTime: now,
      leaseTransitions: fence,
    },
  }
}

/** Returns what is written to return the lease: nobody holds it, and the fence stays. */
const returned = (object: KubeObject, clock: Clock): object =>
  withVersion({ metadata: {}, spec: { holderIdentity: null, renewTime: microTime(clock) } }, object)

const withVersion = ({ metadata, spec }: LeasePatch, { metadata: { resourceVersion } }: KubeObject): object => ({
  metadata: { ...metadata, resourceVersion },
  spec,
})

const created = ({ metadata, spec }: LeasePatch, { group, version, namespace, name }: KubeAddress): object => ({
  ...{ apiVersion: `${group}/${version}`, kind: 'Lease' },
  metadata: { name, namespace, ...metadata },
  spec,
})

/** Returns the wall time in the form of the API, with microseconds. */
const microTime = (clock: Clock): string => new Date(clock.now()).toISOString().replace('Z', '000Z')
