import { describe, expect, it } from 'vitest'
import type { Head, Records } from '../rollout/records.js'
import type { StateStore } from '../rollout/store.js'
import { createWorld, heard, type World } from './controller.fixture.js'

/** A store whose content a test replaces with JSON of any form, as a newer release or a broken write does. */
function openStore() {
  let kept: string | undefined
  const listeners: ((head: Head) => void)[] = []
  const content = (): Records => JSON.parse(kept ?? 'null')
  const put = (records: Records): void => {
    kept = JSON.stringify(records)
    for (const listener of listeners) listener(content().head)
  }
  const store: StateStore = {
    load: async () => content() ?? undefined,
    async write({ expect, head, body = null, decisions = [] }) {
      if ((content()?.head.tag ?? null) !== expect) return { kind: 'moved', head: undefined }
      put({ head, body, history: [...(content()?.history ?? []), ...decisions] })
      return { kind: 'written' }
    },
    follow(listener) {
      listeners.push(listener)
      return () => {}
    },
    close: async () => {},
  }
  /** Puts a head with these members in the place of the stored one, as another process does. */
  const change = (members: object, later = 5): Records => {
    const { head, ...others } = content()
    const rev = head.rev + later
    put({ ...others, head: { ...head, ...members, rev, tag: `another.${rev}` } as Head })
    return content()
  }
  return { store, put, change, content }
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
  ['a newer release has stored it', { schema: 2, plan: 'of another form' }, /a newer release stored it/],
  [
    'its weight is damaged',
    { state: { state: 'progressing', epoch: 1, step: 1, weight: 250, enabled: true } },
    /weight/,
  ],
] as const

describe.each(damages)('a store that cannot be read because %s', (_, damage, message) => {
  it('refuses a start, and stays as it is', async () => {
    const { store, change, content, world } = await scene()
    const document = change(damage)
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
    const { change, content, world, controller, alerts } = await scene()
    const document = change(damage)
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
    const { change, content, world, controller } = await scene()
    const document = change(damage)
    world.traffic.errorShare = 0.5
    await looks(world, 5)
    expect(controller.status()).toMatchObject({ state: 'rolled-back' })
    expect(world.taken.at(-1)).toBe(0)
    expect(content()).toEqual(document)
  })

  it('is followed again once it can be read', async () => {
    const { put, change, content, world, controller } = await scene()
    const before = content()
    change(damage)
    await looks(world, 3)
    put(before)
    change({ state: { ...before.head.state, weight: 50, step: 2, visit: before.head.state.visit + 1 } }, 6)
    await looks(world, 2)
    expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
  })
})
