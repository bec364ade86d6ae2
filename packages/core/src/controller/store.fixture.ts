import type { StateStore } from '../rollout/store.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Decide } from './forced-changes.js'
import { memoryStore } from './memory-store.js'

/** A store in memory that a test takes down, lets hang or answer nonsense, or holds at the next write. */
export interface TroubledStore extends StateStore {
  mode: 'up' | 'down' | 'hanging' | 'nonsense'
  /** The next write waits, once, until this is called; it has reached the store by then or not, as asked. */
  holdNextWrite(when: 'before' | 'after'): () => void
  /** How often it was asked for anything. */
  readonly calls: number
}

/** Makes a store that works until it is told not to, over another one where replicas share it. */
export function troubledStore(inner: StateStore = memoryStore()): TroubledStore {
  let calls = 0
  let held: { readonly when: 'before' | 'after'; readonly released: Promise<void> } | undefined

  const answer = async <Result>(task: () => Promise<Result>): Promise<Result> => {
    calls += 1
    if (store.mode === 'down') throw new Error('the store is down')
    if (store.mode === 'nonsense') return 'OK' as Result
    if (store.mode === 'hanging') return new Promise<never>(() => {})
    return task()
  }

  const store: TroubledStore = {
    mode: 'up',
    get calls() {
      return calls
    },
    load: (signal) => answer(() => inner.load(signal)),
    write: (change, signal) =>
      answer(async () => {
        const hold = held
        held = undefined
        if (hold?.when === 'before') await hold.released
        const answered = await inner.write(change, signal)
        if (hold?.when === 'after') await hold.released
        return answered
      }),
    follow: inner.follow,
    close: inner.close,
    holdNextWrite(when) {
      let release = () => {}
      held = { when, released: new Promise<void>((resolve) => (release = resolve)) }
      return () => release()
    },
  }
  return store
}

/** What `commit` of a ledger takes, made of a change that says no more than what is to be stored. */
export const toWrite = (decide: Decide) => (current: StoredRollout) => {
  const next = decide(current)
  return next && { next }
}
