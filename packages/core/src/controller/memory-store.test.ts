import { describe, expect, it } from 'vitest'
import { stored } from '../rollout/rollout.fixture.js'
import { memoryStore } from './memory-store.js'

describe('memoryStore', () => {
  it('is empty at first, and takes a first write at revision 0', async () => {
    const store = memoryStore()
    expect(await store.load()).toBeUndefined()
    expect(await store.compareAndSet(stored({ revision: 1 }), 0)).toBe(true)
    expect(await store.load()).toEqual(stored({ revision: 1 }))
  })

  it('refuses a write that did not see the newest, and keeps what it has', async () => {
    const store = memoryStore()
    await store.compareAndSet(stored({ revision: 1, savedAt: 1 }), 0)
    expect(await store.compareAndSet(stored({ revision: 1, savedAt: 2 }), 0)).toBe(false)
    expect(await store.compareAndSet(stored({ revision: 3, savedAt: 2 }), 2)).toBe(false)
    expect(await store.load()).toMatchObject({ savedAt: 1 })
  })

  it('returns copies, so that its state cannot be changed from outside', async () => {
    const store = memoryStore()
    await store.compareAndSet(stored({ revision: 1 }), 0)
    Object.assign((await store.load()) ?? {}, { savedAt: 99 })
    expect(await store.load()).toMatchObject({ savedAt: 0 })
  })

  it('calls every listener for every write until it unsubscribes', async () => {
    const store = memoryStore()
    const heard: number[] = []
    const end = store.subscribe(({ revision }) => heard.push(revision))
    await store.compareAndSet(stored({ revision: 1 }), 0)
    await store.compareAndSet(stored({ revision: 9 }), 5)
    end()
    await store.compareAndSet(stored({ revision: 2 }), 1)
    expect(heard).toEqual([1])
  })
})
