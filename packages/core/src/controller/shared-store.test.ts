import { describe, expect, it, onTestFinished } from 'vitest'
import type { Head, Records } from '../rollout/records.js'
import type { StateStore } from '../rollout/store.js'
import { createWorld, heard } from './controller.fixture.js'
import { memoryStore } from './memory-store.js'
import { type TroubledStore, troubledStore } from './store.fixture.js'
import { never, putBack, storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

/** A store whose content a test may replace, and that several processes share. */
function replaceableStore() {
  let inner = memoryStore()
  const listeners = new Set<(head: Head) => void>()
  const store: StateStore = {
    load: (signal) => inner.load(signal),
    async write(change, signal) {
      const answer = await inner.write(change, signal)
      if (answer.kind === 'written') for (const listener of listeners) listener(change.head)
      return answer
    },
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
  }
  return {
    ...store,
    /** Puts something else in the place of what is stored, and tells nobody. */
    async replace(content?: Records) {
      inner = memoryStore()
      if (content !== undefined) await putBack(inner, content)
    },
  }
}

/** Processes over one store and one clock, each with its own connection; all but the first are told of nothing. */
async function processes({ isDeaf = true, count = 2 } = {}) {
  const shared = replaceableStore()
  const world = createWorld(shared)
  const connect = (index: number): TroubledStore =>
    troubledStore(isDeaf && index > 0 ? { ...shared, follow: () => () => {} } : shared)
  const stores = Array.from({ length: count }, (_, index) => connect(index))
  const members = stores.map((store) => world.make({ store, plan: [10, 50, 100] }))
  onTestFinished(async () => {
    const closed = Promise.all(members.map((member) => member.close()))
    await world.clock.advance(10 * SECOND) // a close waits for what is under way
    await closed
    expect(world.clock.pending).toBe(0)
  })
  for (const member of members) await member.start()
  await world.clock.advance(45 * SECOND)
  const [one, other] = [members[0]!, members[1]!]
  const seen = () => members.map((member) => member.status()).map(({ state, weight }) => `${state} ${weight}`)
  return { shared, clock: world.clock, stores, members, one, other, seen }
}

describe('a process whose subscription is dead', () => {
  it('knows a rollback elsewhere after its next look', async () => {
    const { one, other, clock } = await processes()
    await one.rollback()
    await clock.advance(16 * SECOND)
    expect(other.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('knows a retry elsewhere 15 s after it', async () => {
    const { one, other, clock } = await processes()
    await one.rollback()
    await clock.advance(MINUTE + 20 * SECOND)
    await one.retry()
    await clock.advance(16 * SECOND)
    expect(other.status()).toMatchObject({ epoch: 2 })
    expect(other.status().state).not.toBe('rolled-back')
  })

  it('raises one alert while the store is down, and needs no more than a read every 15 s', async () => {
    const { one, other, clock, stores } = await processes()
    await one.rollback()
    await clock.advance(MINUTE)
    const alerts = heard(other, 'alert')
    const before = stores[1]!.calls
    stores[1]!.mode = 'down'
    await clock.advance(10 * MINUTE)
    expect(alerts).toMatchObject([{ about: 'store' }])
    expect(stores[1]!.calls - before).toBeLessThanOrEqual(40)
  })
})

describe('a store that cannot be followed', () => {
  it('does not stop a service from starting, is reported, and is read all the same', async () => {
    const shared = replaceableStore()
    const follow = (): never => {
      throw new Error('no subscription')
    }
    const world = createWorld(shared)
    const [deaf, other] = [world.make({ store: { ...shared, follow } }), world.make({ store: shared })]
    await deaf.start()
    await other.start()
    await world.clock.advance(45 * SECOND)
    expect(deaf.status().internalErrors).toMatchObject({ STORE_FAILED: 1 })
    await other.rollback()
    await world.clock.advance(MINUTE)
    expect(deaf.status().state).toBe('rolled-back')
    await Promise.all([deaf.close(), other.close()])
  })
})

describe('a write that hangs', () => {
  it.each(['before', 'after'] as const)(
    'delays no rollback, whether it is held %s it reaches the store',
    async (when) => {
      const { one, other, clock, stores, seen } = await processes({ isDeaf: false })
      const release = stores[0]!.holdNextWrite(when)
      const promoted = one.promote().catch(() => {})
      await clock.advance(0)
      void one.rollback()
      await clock.advance(100)
      expect(other.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
      release()
      await clock.advance(5 * SECOND)
      await promoted
      expect(seen()).toEqual(['rolled-back 0', 'rolled-back 0'])
    },
  )

  it('of the kill switch delays no rollback either, and both are stored', async () => {
    const { one, other, clock, stores, shared } = await processes({ isDeaf: false })
    const release = stores[0]!.holdNextWrite('before')
    void one.disable()
    await clock.advance(0)
    void one.rollback()
    await clock.advance(100)
    expect(other.status()).toMatchObject({ state: 'rolled-back', enabled: false })
    release()
    await clock.advance(5 * SECOND)
    expect((await storedIn(shared))!.state).toMatchObject({ state: 'rolled-back', enabled: false })
  })

  it('for ever is given up after 2 s, and the rollout goes on', async () => {
    const { one, clock, stores } = await processes({ isDeaf: false })
    stores[0]!.holdNextWrite('before')
    const refused = one.promote().then(String, (error: { readonly code: string }) => error.code)
    await clock.advance(2 * SECOND)
    expect(await Promise.race([refused, 'pending'])).toBe('STORE_FAILED')
    expect(await one.promote()).toMatchObject({ step: 2 })
  })
})

describe('a store that lost what an ended rollout had stored', () => {
  it('because it was emptied is filled again within 15 s', async () => {
    const { one, shared, clock } = await processes()
    await one.rollback()
    const { revision } = (await storedIn(shared))!
    await clock.advance(MINUTE)
    await shared.replace()
    await clock.advance(16 * SECOND)
    const found = (await storedIn(shared))!
    expect(found.state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(found.revision).toBeGreaterThan(revision)
  })

  it('because it was put back to a step of the rollout gets the rollback again', async () => {
    const { one, shared, clock, seen } = await processes()
    const earlier = await shared.load(never)
    await one.rollback()
    await clock.advance(MINUTE)
    await shared.replace(earlier)
    await clock.advance(MINUTE)
    expect((await storedIn(shared))!.state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(seen()).toEqual(['rolled-back 0', 'rolled-back 0'])
  })

  it('is followed at once where another process has rolled back under a lower revision', async () => {
    const { one, other, shared, clock, seen } = await processes({ isDeaf: false })
    const earlier = (await shared.load(never))!
    await shared.replace({ ...earlier, head: { ...earlier.head, rev: 2 } })
    void other.rollback()
    await clock.advance(MINUTE)
    expect(seen()).toEqual(['rolled-back 0', 'rolled-back 0'])
    expect(one.status().epoch).toBe(1)
  })

  it('does not lose a kill switch that one process missed, though that process fills the store', async () => {
    const { one, other, shared, clock } = await processes()
    await one.disable()
    await shared.replace()
    await other.promote()
    expect((await storedIn(shared))!.state).toMatchObject({ step: 2 })
    await clock.advance(MINUTE)
    expect((await storedIn(shared))!.state).toMatchObject({ step: 2, enabled: false })
    expect([one.status().enabled, other.status().enabled]).toEqual([false, false])
  })
})

describe('a rollback here and a promotion elsewhere, in one epoch', () => {
  it('end in the rollback, whichever was stored first', async () => {
    const { one, other, clock, stores, seen } = await processes({ isDeaf: false })
    stores[0]!.mode = 'down'
    void one.rollback()
    await other.promote({ full: true })
    expect(seen()).toEqual(['rolled-back 0', 'promoted 100'])
    stores[0]!.mode = 'up'
    await clock.advance(5 * SECOND)
    expect(seen()).toEqual(['rolled-back 0', 'rolled-back 0'])
  })
})
