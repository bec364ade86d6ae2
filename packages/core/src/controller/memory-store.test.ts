import { describe, expect, it } from 'vitest'
import { stored } from '../rollout/rollout.fixture.js'
import { writeOf } from '../rollout/stored-records.js'
import { memoryStore } from './memory-store.js'
import { never, putInto, storedIn } from './stored.fixture.js'

describe('memoryStore', () => {
  it('holds nothing at first, then what was written last', async () => {
    const store = memoryStore()
    expect(await store.load(never)).toBeUndefined()
    expect(await putInto(store, stored({ revision: 1 }), 0)).toBe(true)
    expect(await storedIn(store)).toEqual(stored({ revision: 1, tag: expect.any(String) }))
  })

  it('returns copies, so that its state cannot be changed from outside', async () => {
    const store = memoryStore()
    await putInto(store, stored({ revision: 1 }), 0)
    Object.assign((await store.load(never))!.head, { rev: 99 })
    expect((await store.load(never))!.head.rev).toBe(1)
  })

  it('keeps a record as it was written, whatever its writer does with it afterwards', async () => {
    const store = memoryStore()
    const place = { tag: '', revision: 0, decided: 0, fence: 0 }
    const { expect: over, head, body } = writeOf({ rollout: stored({ revision: 1 }), decisions: [] }, place)
    await store.write({ expect: over, head, body: body! }, never)
    Object.assign(head, { rev: 99 })
    Object.assign(body!, { evidence: 'changed' })
    expect(await store.load(never)).toMatchObject({ head: { rev: 1 }, body: { evidence: stored().evidence } })
  })

  it('calls every listener for every write until it unsubscribes', async () => {
    const store = memoryStore()
    const heard: number[] = []
    const end = store.follow(({ rev }) => heard.push(rev))
    await putInto(store, stored({ revision: 1 }), 0)
    await putInto(store, stored({ revision: 9 }), 5)
    end()
    await putInto(store, stored({ revision: 2 }), 1)
    expect(heard).toEqual([1])
  })
})
