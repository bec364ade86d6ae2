import { type Head, memoryStore, type Records, type StateStore } from '@model-canary/core/controller'

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
  kept(): Promise<Records | undefined>
}

/** Creates a working store. `random` decides which calls a fault affects, and how old a stale answer is. */
export function chaoticStore(random: () => number): ChaoticStore {
  const log: string[] = []
  const listeners = new Set<(head: Head) => void>()
  const never = new AbortController().signal
  let inner = memoryStore()
  let calls = 0
  let largestWrite = 0

  const older = (): Records | undefined => {
    const text = log[Math.floor(random() * log.length)]
    return text === undefined ? undefined : JSON.parse(text)
  }
  const putBack = async (to: Records | undefined): Promise<void> => {
    inner = memoryStore()
    if (to === undefined) return
    const { head, body, history } = to
    await inner.write({ expect: null, head, ...(body && { body }), decisions: history }, never)
    for (const tell of listeners) tell(structuredClone(head))
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
      const kept = await inner.load(never)
      if (kept !== undefined) for (const tell of listeners) tell(kept.head)
    },
    kept: () => inner.load(never),
    load: (signal) => answer(() => inner.load(signal), { stale: older() as never }),
    write: (change, signal) =>
      answer(
        async () => {
          largestWrite = Math.max(largestWrite, Buffer.byteLength(JSON.stringify(change)))
          const written = await inner.write(change, signal)
          if (written.kind !== 'written') return written
          log.push(JSON.stringify(await inner.load(signal)))
          for (const tell of listeners) tell(structuredClone(change.head))
          return written
        },
        { conflict: { kind: 'moved', head: undefined } },
      ),
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
  }
  return store
}
