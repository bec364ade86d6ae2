import type { Fleet, Lease, LeaseAnswer, LeaseAsk } from '@model-canary/core/controller'
import type { Faults } from './fault.fixture.js'
import { fleetPlace, memoryPlace } from './memory-place.fixture.js'
import type { StorePlace } from './place.js'
import { LONG_MS } from './process.js'

type AskFor = Extract<LeaseAsk, { readonly ttlMs: number }>

/** Returns who holds the lease. */
const holderOf = (fleet: Fleet, signal: AbortSignal): Promise<LeaseAnswer> =>
  fleet.lease({ id: 'asks who it is', release: true }, signal)

/** Changes what is asked for. */
const asking = (change: (ask: AskFor) => LeaseAsk): StorePlace =>
  fleetPlace(({ fleet }) => ({ lease: (ask, signal) => fleet.lease('release' in ask ? ask : change(ask), signal) }))

/** Changes the answer. */
const answering = (change: (answer: LeaseAnswer, ask: LeaseAsk) => LeaseAnswer): StorePlace =>
  fleetPlace(({ fleet }) => ({ lease: async (ask, signal) => change(await fleet.lease(ask, signal), ask) }))

/** Gives a process its earlier fence again. */
const remembering = (isGivenAgain: (isNextHolder: boolean) => boolean): StorePlace => {
  const fences = new Map<string, number>()
  let last: string | undefined
  return answering((answer, { id }) => {
    if (!answer.isMine) return answer
    const fence = isGivenAgain(last === id) ? (fences.get(id) ?? answer.fence) : answer.fence
    fences.set(id, fence)
    last = id
    return { ...answer, fence }
  })
}

/** Changes the lease that a write is said to have; without one, it is not compared. */
const fencing = (
  change: (given: Lease, holder: LeaseAnswer) => Lease | undefined,
  watch: (fleet: Fleet) => Partial<Fleet> = () => ({}),
): StorePlace =>
  memoryPlace(({ store, fleet }) => ({
    async write({ lease: given, ...rest }, signal) {
      const lease = given && change(given, await holderOf(fleet, signal))
      return store.write({ ...rest, ...(lease && { lease }) }, signal)
    },
    fleet: { ...fleet, ...watch(fleet) },
  }))

/** Compares a lease until its holder returns it, whatever the time. */
function timeless(): StorePlace {
  const returned = new Set<string>()
  return fencing(
    (given, holder) =>
      holder.holder === null && holder.fence === given.fence && !returned.has(given.id) ? undefined : given,
    (fleet) => ({
      lease(ask, signal) {
        if ('release' in ask) returned.add(ask.id)
        return fleet.lease(ask, signal)
      },
    }),
  )
}

/** Refuses some writes as deposed. */
const deposing = (isDeposed: (holder: LeaseAnswer, lease: Lease | undefined) => boolean): StorePlace =>
  memoryPlace(({ store, fleet }) => ({
    async write(change, signal) {
      if (!isDeposed(await holderOf(fleet, signal), change.lease)) return store.write(change, signal)
      return { kind: 'deposed', head: (await store.load(signal))?.head }
    },
  }))

/** The faults in leases, and in the writes that need one. */
export const BROKEN_LEASES = {
  'gives the lease to one of ten processes at the same moment': [
    'looks whether the lease is free, and takes it then',
    () =>
      fleetPlace(({ fleet }) => ({
        async lease(ask, signal) {
          const { holder } = await holderOf(fleet, signal)
          await Promise.resolve()
          const answer = await fleet.lease(ask, signal)
          return holder === null && !('release' in ask) ? { ...answer, isMine: true, holder: ask.id } : answer
        },
      })),
  ],
  'says who holds the lease, with which fence, and for how long': [
    'does not say how long another process has the lease',
    () => answering((answer) => (answer.isMine ? answer : { ...answer, leftMs: 0 })),
  ],
  'keeps the fence of a lease that is renewed': [
    'gives a new lease for each renewal',
    () =>
      fleetPlace(({ fleet }) => ({
        async lease(ask, signal) {
          await fleet.lease({ id: ask.id, release: true }, signal)
          return fleet.lease(ask, signal)
        },
      })),
  ],
  'gives each new holder a higher fence': [
    'has one fence for each process',
    () => remembering(() => true),
    ['gives a process whose lease ran out a new fence'],
  ],
  'gives a fence above the least one that is asked for': [
    'ignores the least fence',
    () => asking((ask) => ({ ...ask, leastFence: 0 })),
  ],
  'gives a fence above that of the stored head': [
    'does not look at the stored head',
    () =>
      memoryPlace(({ store }) => ({
        write: (change, signal) => store.write({ ...change, head: { ...change.head, fence: 0 } }, signal),
      })),
  ],
  'frees a lease that its holder returns': [
    'waits until a returned lease has run out',
    () =>
      fleetPlace(({ fleet }) => ({
        lease: (ask, signal) => ('release' in ask ? holderOf(fleet, signal) : fleet.lease(ask, signal)),
      })),
    [
      'answers a repeated write as before, also after the lease has passed on',
      'gives each new holder a higher fence',
      'gives the lease to processes with odd ids',
      'refuses a write with a lease that was returned, and changes nothing',
      'refuses a write with an earlier lease of the same process, and changes nothing',
      'refuses points without the lease in force, and changes nothing',
      'refuses to keep a body without the lease in force',
    ],
  ],
  'keeps a lease that another process returns': [
    'frees the lease for everybody who asks',
    () =>
      fleetPlace(({ fleet }) => ({
        async lease(ask, signal) {
          const { holder } = await holderOf(fleet, signal)
          return fleet.lease('release' in ask ? { ...ask, id: holder ?? ask.id } : ask, signal)
        },
      })),
  ],
  'ends a lease that is not renewed': [
    'gives leases for a minute at least',
    () => asking((ask) => ({ ...ask, ttlMs: Math.max(ask.ttlMs, LONG_MS) })),
    [
      'gives a process whose lease ran out a new fence',
      'refuses a write with a lease that ran out, and changes nothing',
    ],
  ],
  'gives a process whose lease ran out a new fence': [
    'gives the latest holder its fence again',
    () => remembering((isNextHolder) => isNextHolder),
  ],
  'counts the time of a lease from its renewal': [
    'does not prolong a lease',
    () =>
      fleetPlace(({ fleet }) => ({
        async lease(ask, signal) {
          const now = await holderOf(fleet, signal)
          return now.holder === ask.id && !('release' in ask) ? { ...now, isMine: true } : fleet.lease(ask, signal)
        },
      })),
  ],
  'gives the lease to processes with odd ids': ['trims ids', () => asking((ask) => ({ ...ask, id: ask.id.trim() }))],
  'takes a write with the lease in force': [
    'refuses every lease',
    () => fencing(() => ({ id: 'nobody', fence: -1 })),
    ['answers a repeated write as before, also after the lease has passed on'],
  ],
  'takes a write without a lease while another process holds it': [
    'wants a lease while somebody holds it',
    () => deposing(({ holder }, lease) => holder !== null && lease === undefined),
    ['refuses to keep a body under another head'],
  ],
  'refuses a write with a lease that nobody has, and changes nothing': [
    'does not compare while the lease is free',
    () => fencing((given, { holder }) => (holder === null ? undefined : given)),
    [
      'refuses a write with a lease that ran out, and changes nothing',
      'refuses a write with a lease that was returned, and changes nothing',
    ],
  ],
  'refuses a write with the lease of another process, and changes nothing': [
    'compares the fences only',
    () => fencing(({ id, fence }, { holder }) => ({ id: holder ?? id, fence })),
  ],
  'refuses a write with an earlier lease of the same process, and changes nothing': [
    'compares the ids only',
    () => fencing(({ id, fence }, holder) => ({ id, fence: holder.holder === id ? holder.fence : fence })),
  ],
  'refuses a write with a lease that was returned, and changes nothing': [
    'compares with the latest lease, also if it is over',
    () => fencing((given, { holder, fence }) => (holder === null && fence === given.fence ? undefined : given)),
    ['refuses a write with a lease that ran out, and changes nothing'],
  ],
  'refuses a write with a lease that ran out, and changes nothing': ['does not look at the time', timeless],
  'answers a repeated write as before, also after the lease has passed on': [
    'compares the lease first',
    () => deposing(({ holder, fence }, lease) => lease !== undefined && (holder !== lease.id || fence !== lease.fence)),
  ],
  'keeps a body under the same head': [
    'keeps the earlier body',
    () =>
      memoryPlace(({ store, fleet }) => ({
        fleet: {
          ...fleet,
          keep: async (body, tag, lease, signal) =>
            fleet.keep((await store.load(signal))?.body ?? body, tag, lease, signal),
        },
      })),
  ],
  'refuses to keep a body without the lease in force': [
    'keeps a body of every process',
    () =>
      fleetPlace(({ fleet }) => ({
        async keep(body, tag, given, signal) {
          const { holder, fence } = await holderOf(fleet, signal)
          return fleet.keep(body, tag, { id: holder ?? given.id, fence }, signal)
        },
      })),
  ],
  'refuses to keep a body under another head': [
    'does not look at the head',
    () =>
      memoryPlace(({ store, fleet }) => ({
        fleet: {
          ...fleet,
          keep: async (body, tag, lease, signal) =>
            fleet.keep(body, (await store.load(signal))?.head.tag ?? tag, lease, signal),
        },
      })),
  ],
} as const satisfies Faults
