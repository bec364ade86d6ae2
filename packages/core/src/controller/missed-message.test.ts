import { describe, expect, it } from 'vitest'
import type { StateStore } from '../rollout/store.js'
import { createWorld } from './controller.fixture.js'
import { memoryStore } from './memory-store.js'
import { troubledStore } from './store.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

/** A store that never tells anybody of a write. */
function silentStore(): StateStore {
  const inner = memoryStore()
  return { ...inner, follow: () => () => {} }
}

describe('a process that missed a message of the store', () => {
  it('finds a rollout that was begun anew after an end, within a minute', async () => {
    const world = createWorld(silentStore())
    const [one, other] = [world.make(), world.make()]
    await one.start()
    await other.start()
    await one.rollback()
    await world.clock.advance(MINUTE)
    expect(other.status()).toMatchObject({ state: 'rolled-back', epoch: 1 })
    await one.retry()
    await world.clock.advance(MINUTE)
    expect(other.status()).toMatchObject({ epoch: 2 })
    await world.clock.advance(2 * MINUTE)
    expect(other.status().step).toBeGreaterThan(0)
    await Promise.all([one.close(), other.close()])
    expect(world.clock.pending).toBe(0)
  })

  it('finds an end while the target refuses it, when nothing of its own is written', async () => {
    const store = silentStore()
    const world = createWorld(store)
    const other = createWorld(store)
    const [one, two] = [world.make(), other.make({ clock: world.clock })]
    await one.start()
    await world.clock.advance(15 * SECOND)
    other.target = 'rejects'
    await two.start()
    await one.rollback()
    await world.clock.advance(MINUTE + 15 * SECOND)
    expect(two.status().state).toBe('rolled-back')
  })

  it('asks the store every 15 s after an end, and no more often', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make()
    await controller.start()
    await controller.rollback()
    const before = store.calls
    await world.clock.advance(10 * MINUTE)
    expect(store.calls - before).toBe(40)
  })
})
