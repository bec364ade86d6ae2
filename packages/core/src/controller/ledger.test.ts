import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { readStored } from '../rollout/read-stored.js'
import type { Head } from '../rollout/records.js'
import { after, by, passed, stored } from '../rollout/rollout.fixture.js'
import type { StateStore } from '../rollout/store.js'
import { headOf } from '../rollout/stored-records.js'
import type { Decide } from './forced-changes.js'
import { createLedger } from './ledger.js'
import { memoryStore } from './memory-store.js'
import { toWrite, troubledStore } from './store.fixture.js'
import { type Kept, moved, putInto, storedIn, storeOver } from './stored.fixture.js'

const progressing = after([{ type: 'start' }, { type: 'warmed' }, passed])

const rollback = by({ type: 'rollback' })
const disable = by({ type: 'disable' })
const pause = by({ type: 'pause' })
const promote = by({ type: 'promote' })

async function scene({
  store = troubledStore(),
  clock = manualClock(),
}: {
  store?: StateStore
  clock?: ReturnType<typeof manualClock>
} = {}) {
  const failures: unknown[] = []
  const shown: string[] = []
  const overruled: string[] = []
  const retold: string[] = []
  const lost: string[] = []
  const ledger = createLedger({
    store,
    clock,
    fresh: stored(),
    timeoutMs: 1_000,
    adopt: readStored,
    onChange: (_, { state }) => shown.push(`${state.state} ${state.weight}`),
    onOverruled: (_, { state }) => overruled.push(`${state.state} ${state.weight}`),
    onRetold: () => retold.push('again'),
    onLost: (message) => lost.push(message),
    onFailure: (error) => failures.push(error),
    onAnswer: () => {},
  })
  const force = (decide: Decide) => ledger.force(decide(ledger.current)!, decide)
  return { clock, ledger, failures, shown, overruled, retold, lost, force, end: () => ledger.close() }
}

/** Two replicas over one store that begin at step 1. */
async function replicas() {
  const shared = memoryStore()
  await putInto(shared, stored({ revision: 1, state: progressing }), 0)
  const clock = manualClock()
  const stores = [troubledStore(shared), troubledStore(shared)] as const
  const a = await scene({ store: stores[0], clock })
  const b = await scene({ store: stores[1], clock })
  await Promise.all([a.ledger.load(), b.ledger.load()])
  const settle = () => clock.advance(0)
  const kept = async () => (await storedIn(shared))!
  return { a, b, stores, clock, settle, kept }
}

describe('a commit', () => {
  it('applies here only after it is written', async () => {
    const store = troubledStore()
    const { ledger } = await scene({ store })
    const release = store.holdNextWrite('before')
    const committed = ledger.commit(toWrite(by({ type: 'start' })))
    await Promise.resolve()
    expect(ledger.current.state.state).toBe('idle')
    release()
    expect(await committed).toBeDefined()
    expect(ledger.current).toMatchObject({ revision: 1, state: { state: 'warming' } })
  })

  it('that changes nothing writes nothing', async () => {
    const store = troubledStore()
    const { ledger } = await scene({ store })
    expect(await ledger.commit(() => undefined)).toBeUndefined()
    expect(store.calls).toBe(0)
  })

  it('decides again on what another process wrote first', async () => {
    const { a, b, kept } = await replicas()
    await a.ledger.commit(toWrite(promote))
    const seen: number[] = []
    await b.ledger.commit(
      toWrite((rollout) => {
        seen.push(rollout.state.step)
        return pause(rollout)
      }),
    )
    expect(seen.at(-1)).toBe(2)
    expect(await kept()).toMatchObject({ revision: 3, state: { state: 'paused', step: 2 } })
  })

  it('gives up after ten lost races, with pauses between them', async () => {
    let tries = 0
    const write = async () => {
      tries += 1
      return moved
    }
    const { ledger, clock } = await scene({ store: { ...memoryStore(), write } })
    const refused = expect(ledger.commit(toWrite(by({ type: 'start' })))).rejects.toMatchObject({
      code: 'STORE_FAILED',
    })
    await clock.advance(0)
    expect(tries).toBe(1)
    await clock.advance(60_000)
    await refused
    expect(tries).toBe(10)
  })

  it('that waits between lost races is dropped at once for a forced change', async () => {
    const store = troubledStore()
    let isDeaf = true
    const write: StateStore['write'] = async (...asked) => (isDeaf ? moved : store.write(...asked))
    const { ledger, clock, force } = await scene({ store: { ...store, write } })
    const committed = ledger.commit(toWrite(by({ type: 'start' })))
    await clock.advance(3_000)
    isDeaf = false
    void force(disable)
    await clock.advance(0)
    expect(await committed).toBeUndefined()
    expect((await storedIn(store))?.state.enabled).toBe(false)
  })

  it.each(['down', 'hanging'] as const)(
    'rejects while the store is %s, with nothing changed, and works again after',
    async (mode) => {
      const store = troubledStore()
      const { ledger, clock } = await scene({ store })
      store.mode = mode
      const refused = expect(ledger.commit(toWrite(by({ type: 'start' })))).rejects.toThrow()
      await clock.advance(1_000)
      await refused
      expect(ledger.current.state.state).toBe('idle')
      store.mode = 'up'
      expect(await ledger.commit(toWrite(by({ type: 'start' })))).toBeDefined()
      expect(clock.pending).toBe(0)
    },
  )

  it('writes what is known here if the store was emptied', async () => {
    let inner = memoryStore()
    const store: StateStore = {
      load: (signal) => inner.load(signal),
      write: (...asked) => inner.write(...asked),
      follow: () => () => {},
      close: async () => {},
    }
    const { ledger, lost } = await scene({ store })
    await ledger.commit(toWrite(by({ type: 'start' })))
    await ledger.commit(toWrite(by({ type: 'warmed' })))
    inner = memoryStore()
    expect(await ledger.commit(toWrite(promote))).toBeDefined()
    expect(lost).toEqual([expect.stringContaining('the store was emptied')])
    expect(await storedIn(inner)).toMatchObject({ revision: 3, state: { step: 1, weight: 10 } })
  })
})

describe('what another replica wrote', () => {
  it('applies here as soon as the store reports it', async () => {
    const { a, b, settle } = await replicas()
    await a.ledger.commit(toWrite(promote))
    await settle()
    expect(b.ledger.current).toMatchObject({ revision: 2, state: { step: 2, weight: 50 } })
  })

  it('is ignored after close', async () => {
    const { a, b, settle } = await replicas()
    b.ledger.close()
    await a.ledger.commit(toWrite(promote))
    await settle()
    expect(b.ledger.current.revision).toBe(1)
  })
})

describe('a forced change', () => {
  it('applies here before anything is written', async () => {
    const { a, kept } = await replicas()
    const written = a.force(rollback)
    expect(a.ledger.current.state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect((await kept()).state.state).toBe('progressing')
    await written
    expect((await kept()).state).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it.each(['down', 'hanging'] as const)('is written once the store is no longer %s', async (mode) => {
    const { a, stores, clock, kept } = await replicas()
    stores[0].mode = mode
    void a.force(rollback)
    await clock.advance(60_000)
    expect(a.failures.length).toBeGreaterThan(3)
    expect(a.ledger.current.state.state).toBe('rolled-back')
    stores[0].mode = 'up'
    await clock.advance(6_000)
    expect((await kept()).state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(clock.pending).toBe(0)
  })

  it.each(['before', 'after'] as const)(
    'overtakes a promotion whose write is under way, held %s it reached the store',
    async (when) => {
      const { a, stores, settle, kept } = await replicas()
      const release = stores[0].holdNextWrite(when)
      const promotion = a.ledger.commit(toWrite(promote))
      await settle()
      const written = a.force(rollback)
      expect(a.ledger.current.state).toMatchObject({ state: 'rolled-back', weight: 0 })
      release()
      expect(await promotion).toBeUndefined()
      await written
      await settle()
      expect((await kept()).state).toMatchObject({ state: 'rolled-back', weight: 0 })
      expect(a.shown.slice(1)).not.toContain('progressing 50')
    },
  )

  it('rolls back what another process promoted by a step in the meantime', async () => {
    const { a, b, stores, settle, kept } = await replicas()
    stores[0].mode = 'down'
    const written = a.force(rollback)
    await b.ledger.commit(toWrite(promote))
    stores[0].mode = 'up'
    await a.clock.advance(10_000)
    await written
    await settle()
    expect((await kept()).state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(b.ledger.current.state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(a.overruled).toEqual([])
  })

  it('is stored over a promotion of the same epoch by another process', async () => {
    const { a, b, stores, settle, kept } = await replicas()
    stores[0].mode = 'down'
    const written = a.force(rollback)
    await b.ledger.commit(toWrite(by({ type: 'promote', full: true })))
    stores[0].mode = 'up'
    await a.clock.advance(10_000)
    await written
    await settle()
    expect((await kept()).state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(b.ledger.current.state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect([a.overruled, a.retold]).toEqual([[], ['again']])
  })

  it('is dropped for a new epoch that another process began', async () => {
    const { a, b, stores, clock } = await replicas()
    stores[0].mode = 'down'
    const decide: Decide = (rollout) => (rollout.state.epoch === 1 ? rollback(rollout) : undefined)
    const written = a.force(decide)
    await b.force(rollback)
    await b.ledger.commit(toWrite(by({ type: 'retry' })))
    stores[0].mode = 'up'
    await clock.advance(10_000)
    await written
    expect(a.ledger.current.state).toMatchObject({ epoch: 2, state: 'warming' })
  })

  it('of the kill switch does not undo what others did to the rollout', async () => {
    const { a, b, stores, clock, kept } = await replicas()
    stores[0].mode = 'down'
    const written = a.force(disable)
    await b.force(rollback)
    stores[0].mode = 'up'
    await clock.advance(10_000)
    await written
    expect((await kept()).state).toMatchObject({ state: 'rolled-back', weight: 0, enabled: false })
    expect(a.ledger.current.state).toMatchObject({ state: 'rolled-back', enabled: false })
  })

  it('of the kill switch still applies here while others write and this process cannot', async () => {
    const { a, b, stores, settle } = await replicas()
    stores[0].mode = 'down'
    void a.force(disable)
    await b.ledger.commit(toWrite(promote))
    await settle()
    expect(a.ledger.current.state.enabled).toBe(false)
  })

  it('is not undone by a load that was under way and brings what others wrote before', async () => {
    const shared = memoryStore()
    await putInto(shared, stored({ revision: 1, state: progressing }), 0)
    let land = () => {}
    const landed = new Promise<void>((resolve) => (land = resolve))
    let loads = 0
    const load = async (signal: AbortSignal) => {
      loads += 1
      if (loads > 1) throw new Error('the store is down')
      await landed
      return shared.load(signal)
    }
    const { ledger, force, clock } = await scene({ store: { ...shared, load } })
    void ledger.load()
    await clock.advance(0)
    void force(disable)
    land()
    await clock.advance(0)
    expect(ledger.current.state.enabled).toBe(false)
  })

  it('follows another: both are in the store at the end', async () => {
    const { a, settle, kept } = await replicas()
    await Promise.all([a.force(disable), a.force(rollback)])
    await settle()
    expect((await kept()).state).toMatchObject({ enabled: false, state: 'rolled-back' })
    expect(a.ledger.current).toEqual(await kept())
  })

  it('allows a retry afterwards, even if others wrote in between', async () => {
    const { a, b, settle, kept } = await replicas()
    await a.force(rollback)
    await settle()
    await b.ledger.commit(toWrite(by({ type: 'disable' })))
    await settle()
    expect(await a.ledger.commit(toWrite(by({ type: 'retry' })))).toBeDefined()
    expect((await kept()).state).toMatchObject({ epoch: 2, state: 'warming', enabled: false })
  })

  it('ends with close, and leaves no timer', async () => {
    const { a, stores, clock } = await replicas()
    stores[0].mode = 'down'
    const written = a.force(rollback)
    await clock.advance(100)
    a.ledger.close()
    await written
    expect(clock.pending).toBe(0)
  })
})

describe('a store that answers nonsense', () => {
  const answering = (answer: unknown): Partial<StateStore> => ({ write: async () => answer as never })

  it.each([undefined, null, 1, 'OK', {}])(
    'such as %o to a write has not written, and keeps no loop spinning',
    async (answer) => {
      const { ledger, force, clock, failures } = await scene({ store: { ...memoryStore(), ...answering(answer) } })
      await expect(ledger.commit(toWrite(by({ type: 'start' })))).rejects.toMatchObject({ code: 'STORE_FAILED' })
      void force(disable)
      await clock.advance(0)
      expect(ledger.current.state.enabled).toBe(false)
      await clock.advance(60_000)
      expect(failures.length).toBeGreaterThan(5)
      expect(failures.length).toBeLessThan(200) // pauses of half a second on average
      ledger.close()
    },
  )

  it('by refusing every write gets further writes, with pauses', async () => {
    let tries = 0
    const write = async () => {
      tries += 1
      return moved
    }
    const { ledger, force, clock } = await scene({ store: { ...memoryStore(), write } })
    void force(disable)
    await clock.advance(60_000)
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(200)
    ledger.close()
  })

  it.each([null, 'x', {}, { head: 'x' }, { head: { rev: 'x' } }])(
    'such as %o to a load changes nothing here',
    async (answer) => {
      const { ledger, force, clock } = await scene({ store: { ...memoryStore(), load: async () => answer as never } })
      await expect(ledger.load()).rejects.toMatchObject({ code: 'INVALID_STATE' })
      void force(disable)
      await clock.advance(1_000)
      expect(ledger.current.state.enabled).toBe(false)
      ledger.close()
    },
  )
})

describe('an epoch', () => {
  it('is not undone by an earlier one, such as from a backup', async () => {
    const shared = memoryStore()
    const late = { ...progressing, epoch: 2 }
    await putInto(shared, stored({ revision: 1, state: late }), 0)
    const { ledger } = await scene({ store: shared })
    await ledger.load()
    await putInto(shared, stored({ revision: 2, state: progressing }), 1)
    await ledger.load()
    expect(ledger.current.state.epoch).toBe(2)
    expect(await ledger.commit(toWrite(promote))).toBeDefined()
    expect(await storedIn(shared)).toMatchObject({ revision: 4, state: { epoch: 2, step: 2 } }) // 3 put it back
  })
})

describe('a rollback', () => {
  it('is never undone by an older state of the same epoch', async () => {
    const listeners = new Set<(head: Head) => void>()
    const held: Kept = { kept: stored({ revision: 1, state: progressing }) }
    const store = storeOver(held, listeners)
    const { ledger, force, clock } = await scene({ store })
    await ledger.load()
    await force(rollback)
    held.kept = stored({ revision: 9, tag: 'b.9', state: progressing })
    for (const tell of listeners) tell(headOf(held.kept))
    await clock.advance(0)
    expect(ledger.current.state).toMatchObject({ state: 'rolled-back', weight: 0 })
  })
})
