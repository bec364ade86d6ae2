import { describe, expect, it } from 'vitest'
import type { StateStore, StoredRollout } from '../rollout/store.js'
import { createWorld, heard, type World } from './controller.fixture.js'

/** A store whose content a test replaces with JSON of any form, as a newer release or a broken write does. */
function openStore() {
  let kept: { readonly revision: number; readonly text: string } | undefined
  const listeners: ((state: StoredRollout) => void)[] = []
  const put = (document: { readonly revision: number }): void => {
    kept = { revision: document.revision, text: JSON.stringify(document) }
    for (const listener of listeners) listener(JSON.parse(kept.text))
  }
  const store: StateStore = {
    load: async () => kept && JSON.parse(kept.text),
    async compareAndSet(next, expected) {
      if ((kept?.revision ?? 0) !== expected) return false
      put(next)
      return true
    },
    subscribe(listener) {
      listeners.push(listener)
      return () => {}
    },
    close: async () => {},
  }
  return { store, put, content: () => JSON.parse(kept?.text ?? 'null') }
}

/** A controller at step 1, 10 percent, over such a store. */
async function scene() {
  const opened = openStore()
  const world = createWorld(opened.store)
  const controller = world.make()
  const alerts = heard(controller, 'alert')
  await controller.start()
  for (let look = 0; look < 3; look += 1) await world.clock.advance(15_000)
  expect(controller.status()).toMatchObject({ step: 1, weight: 10 })
  return { ...opened, world, controller, alerts: () => alerts.filter(({ about }) => about === 'store') }
}

/** Lets some looks pass. */
async function looks(world: World, count: number): Promise<void> {
  for (let look = 0; look < count; look += 1) await world.clock.advance(15_000)
}

const damages = [
  ['a newer release has stored it', { schema: 2, head: 'of another form' }, /a newer release stored it/],
  [
    'its weight is damaged',
    { state: { state: 'progressing', epoch: 1, step: 1, weight: 250, enabled: true } },
    /weight/,
  ],
] as const

describe.each(damages)('a store that cannot be read because %s', (_, damage, message) => {
  it('refuses a start, and stays as it is', async () => {
    const { store, put, content, world } = await scene()
    const document = { ...content(), ...damage, revision: content().revision + 5 }
    put(document)
    const other = world.make({ store })
    await expect(other.start()).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringMatching(message),
    })
    await looks(world, 10)
    expect(other.status().weight).toBe(0)
    expect(content()).toEqual(document)
  })

  it('does not change the split of a running process, which says so, again after an hour, and does not write', async () => {
    const { put, content, world, controller, alerts } = await scene()
    const document = { ...content(), ...damage, revision: content().revision + 5 }
    put(document)
    await looks(world, 245)
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
    expect(world.taken.at(-1)).toBe(10)
    expect(alerts().map((alert) => alert.message)).toEqual([
      expect.stringMatching(message),
      expect.stringMatching(/\(for 60 min\)$/), // it has not ended in between
    ])
    expect(content()).toEqual(document)
  })

  it('lets harm act in this process, without a write over it', async () => {
    const { put, content, world, controller } = await scene()
    const document = { ...content(), ...damage, revision: content().revision + 5 }
    put(document)
    world.traffic.errorShare = 0.5
    await looks(world, 5)
    expect(controller.status()).toMatchObject({ state: 'rolled-back' })
    expect(world.taken.at(-1)).toBe(0)
    expect(content()).toEqual(document)
  })

  it('is followed again once it can be read', async () => {
    const { put, content, world, controller } = await scene()
    const before = content()
    put({ ...before, ...damage, revision: before.revision + 5 })
    await looks(world, 3)
    put({ ...before, state: { ...before.state, weight: 50, step: 2 }, revision: before.revision + 6 })
    await looks(world, 2)
    expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
  })
})
