import { memoryStore, type StateStore, type StoredRollout } from '@model-canary/core/controller'

/** What can be wrong with a store, one at a time. */
export const FAULTS = [
  'throws',
  'hangs',
  'stale',
  'restored',
  'nonsense',
  'conflicts',
  'loses-answers',
  'emptied',
] as const

/** A store whose faults a test turns on and off. */
export interface ChaoticStore extends StateStore {
  fault: (typeof FAULTS)[number] | null
  readonly calls: number
  readonly largestWrite: number
  /** A fault that loses data happens at once, and subscribers are notified. */
  lose(): Promise<void>
  /** Sends the current state to all subscribers, as a reconnected watch does. */
  relist(): Promise<void>
  /** The state that is really stored. */
  kept(): Promise<StoredRollout | undefined>
}

/** Creates a working store. `random` decides which calls a fault affects, and how old a stale answer is. */
export function chaoticStore(random: () => number): ChaoticStore {
  const log: string[] = []
  const listeners = new Set<(rollout: StoredRollout) => void>()
  let inner = memoryStore()
  let calls = 0
  let largestWrite = 0

  const older = (): StoredRollout | undefined => {
    const text = log[Math.floor(random() * log.length)]
    return text === undefined ? undefined : JSON.parse(text)
  }
  const putBack = async (to: StoredRollout | undefined): Promise<void> => {
    inner = memoryStore()
    if (to === undefined) return
    await inner.compareAndSet(to, 0)
    for (const tell of listeners) tell(structuredClone(to))
  }
  /** Rejects, hangs or answers according to the current fault. A fault affects four of five calls. */
  const answer = async <Result>(task: () => Promise<Result>, by: { stale?: Result; conflict?: Result }) => {
    calls += 1
    if (store.fault === null || random() < 0.2) return task()
    if (store.fault === 'hangs') return new Promise<never>(() => {})
    if (store.fault === 'nonsense') return 'OK' as Result
    if (store.fault === 'stale' && 'stale' in by) return by.stale!
    if (store.fault === 'conflicts' && by.conflict !== undefined) return by.conflict
    if (store.fault === 'loses-answers') await task()
    if (store.fault === 'stale' || store.fault === 'conflicts') return task()
    throw new Error('the store is down')
  }

  const store: ChaoticStore = {
    fault: null,
    get calls() {
      return calls
    },
    get largestWrite() {
      return largestWrite
    },
    async lose() {
      if (store.fault !== 'restored' && store.fault !== 'emptied') return
      await putBack(store.fault === 'emptied' ? undefined : older())
      store.fault = null
    },
    async relist() {
      const kept = await inner.load()
      if (kept !== undefined) for (const tell of listeners) tell(kept)
    },
    kept: () => inner.load(),
    load: () => answer(() => inner.load(), { stale: older() as never }),
    compareAndSet: (next, expected) =>
      answer(
        async () => {
          const text = JSON.stringify(next)
          largestWrite = Math.max(largestWrite, Buffer.byteLength(text))
          const isWritten = await inner.compareAndSet(next, expected)
          if (!isWritten) return false
          log.push(text)
          for (const tell of listeners) tell(JSON.parse(text))
          return true
        },
        { conflict: false },
      ),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
  }
  return store
}
