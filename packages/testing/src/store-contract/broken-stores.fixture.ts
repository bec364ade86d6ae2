import { memoryStore, type StateStore, type StoredRollout } from '@model-canary/core/controller'
import type { StoreRule } from '../store-contract.js'
import type { StorePlace } from './place.js'

/** Changes some members of a store. */
type Break = (store: StateStore) => Partial<StateStore>

/** A place in memory. Every process that opens it gets a store with the same fault. */
const memoryPlace = (broken: Break = () => ({})): StorePlace => {
  const store = memoryStore()
  return { open: () => ({ ...store, ...broken(store) }) }
}

/** A place in which every process has its own store. */
const apart = (): StorePlace => ({ open: memoryStore })

/** A store that keeps the objects it is given, without copies. */
function keepsObjects(): StateStore {
  let stored: StoredRollout | undefined
  return {
    ...memoryStore(),
    load: async () => stored,
    async compareAndSet(next, expected) {
      if ((stored?.revision ?? 0) !== expected) return false
      stored = next
      return true
    },
  }
}

/** Reads, waits, and writes, so that another process may write in between. */
function racing(isDangerous: (expected: number) => boolean): StorePlace {
  let text: string | undefined
  const load = async (): Promise<StoredRollout | undefined> => (text === undefined ? undefined : JSON.parse(text))
  const open = (): StateStore => ({
    ...memoryStore(),
    load,
    async compareAndSet(next, expected) {
      const isExpected = () => ((text === undefined ? 0 : JSON.parse(text).revision) ?? 0) === expected
      const wasExpected = isExpected()
      await Promise.resolve()
      if (!(isDangerous(expected) ? wasExpected : isExpected())) return false
      text = JSON.stringify(next)
      return true
    },
  })
  return { open }
}

/**
 * Keeps every revision under its number, and refuses a number that exists. Two different numbers may follow the same
 * one.
 */
function racingOverNames(): StorePlace {
  const texts = new Map<number, string>()
  const load = async (): Promise<StoredRollout | undefined> => {
    const newest = Math.max(0, ...texts.keys())
    return newest === 0 ? undefined : JSON.parse(texts.get(newest)!)
  }
  const open = (): StateStore => ({
    ...memoryStore(),
    load,
    async compareAndSet(next, expected) {
      if (((await load())?.revision ?? 0) !== expected || texts.has(next.revision)) return false
      texts.set(next.revision, JSON.stringify(next))
      return true
    },
  })
  return { open }
}

/** The fault that each rule finds: a description, and a place with a store that has it. */
export const BROKEN_STORES: Readonly<Record<StoreRule, readonly [fault: string, make: () => StorePlace]>> = {
  'has nothing stored at first': [
    'resolves to null where nothing is stored',
    () => memoryPlace((store) => ({ load: async () => (await store.load()) ?? (null as never) })),
  ],
  'takes the first write over revision 0 only': [
    'takes every first write',
    () =>
      memoryPlace((store) => ({
        compareAndSet: async (next, expected) =>
          store.compareAndSet(next, (await store.load()) === undefined ? 0 : expected),
      })),
  ],
  'returns what was written, as JSON': [
    'keeps members that JSON leaves out',
    () => {
      const store = keepsObjects()
      return { open: () => store }
    },
  ],
  'takes a rollout as large as controllers store by default': [
    'cuts what is large',
    () =>
      memoryPlace((store) => ({
        load: async () => {
          const stored = await store.load()
          return stored && { ...stored, evidence: String(stored.evidence).slice(0, 65_536) }
        },
      })),
  ],
  'keeps a copy that nobody else can change': [
    'keeps the very object',
    () => {
      const store = keepsObjects()
      return { open: () => store }
    },
  ],
  'refuses a write that did not see the newest revision': [
    'takes a write over whatever is there',
    () =>
      memoryPlace((store) => ({
        compareAndSet: async (next) => store.compareAndSet(next, (await store.load())?.revision ?? 0),
      })),
  ],
  'takes a revision that rises by more than one': [
    'counts writes by itself',
    () =>
      memoryPlace((store) => ({
        compareAndSet: (next, expected) => store.compareAndSet({ ...next, revision: expected + 1 }, expected),
      })),
  ],
  'shows every process what another one wrote': ['belongs to one process', apart],
  'takes one of many first writes at the same moment': [
    'reads and then writes, while nothing is stored',
    () => racing((expected) => expected === 0),
  ],
  'takes one of many writes over the same revision': [
    'reads and then writes, once something is stored',
    () => racing((expected) => expected > 0),
  ],
  'takes one of many writes over the same revision, whatever revisions they write': [
    'refuses only a revision that somebody has written',
    racingOverNames,
  ],
  'tells a subscriber of every write, with what was written': [
    'tells of the first write only',
    () => memoryPlace((store) => ({ subscribe: (listener) => onlyFirst(store, listener) })),
  ],
  'tells a subscriber of its own writes as well': [
    'tells others only',
    () => memoryPlace(() => ({ subscribe: () => () => {} })),
  ],
  'tells nobody of a write that it refused': [
    'tells before it knows',
    () => {
      const listeners = new Set<(stored: StoredRollout) => void>()
      return memoryPlace((store) => ({
        subscribe: (listener) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
        compareAndSet: (next, expected) => {
          for (const listener of listeners) listener(next)
          return store.compareAndSet(next, expected)
        },
      }))
    },
  ],
  'tells nothing after a subscription has ended': [
    'cannot end a subscription',
    () =>
      memoryPlace((store) => ({
        subscribe: (listener) => {
          store.subscribe(listener)
          return () => {}
        },
      })),
  ],
  'tells nothing after close()': [
    'goes on telling after close()',
    () => memoryPlace(() => ({ close: async () => {} })),
  ],
  'can be closed twice': [
    'can be closed only once',
    () => {
      let isClosed = false
      const close = async () => {
        if (isClosed) throw new Error('closed already')
        isClosed = true
      }
      return memoryPlace(() => ({ close }))
    },
  ],
}

/** Passes on only the first write. */
function onlyFirst(store: StateStore, listener: (stored: StoredRollout) => void): () => void {
  let isFirst = true
  return store.subscribe((stored) => {
    if (isFirst) listener(stored)
    isFirst = false
  })
}
