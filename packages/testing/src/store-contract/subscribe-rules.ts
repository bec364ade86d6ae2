import { deepEqual, equal } from 'node:assert/strict'
import type { StateStore, StoredRollout } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { storedRollout } from './stored-rollout.js'
import { refuses, takes } from './write-rules.js'

/** Which listeners a store calls after writes. */
export function subscribeRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'tells a subscriber of every write, with what was written': play(async ({ open, within, until }) => {
      const [listening, writing] = [await open(), await open()]
      const heard = heardBy(listening)
      for (const revision of [1, 2, 3]) {
        await takes(within, writing, storedRollout(revision), revision - 1)
        await until(`revision ${revision} is heard`, () => heard.some((one) => one.revision === revision))
      }
      deepEqual(heard.at(-1), storedRollout(3))
    }),
    'tells a subscriber of its own writes as well': play(async ({ open, within, until }) => {
      const store = await open()
      const heard = heardBy(store)
      await takes(within, store, storedRollout(1), 0)
      await until('the write is heard', () => heard.some(({ revision }) => revision === 1))
    }),
    'tells nobody of a write that it refused': play(async ({ open, within, until }) => {
      const store = await open()
      const heard = heardBy(store)
      await takes(within, store, storedRollout(1), 0)
      await refuses(within, store, storedRollout(1, { savedAt: 66 }), 0)
      await takes(within, store, storedRollout(2), 1)
      await until('the next write is heard', () => heard.some(({ revision }) => revision === 2))
      equal(heard.filter(({ savedAt }) => savedAt === 66).length, 0, 'a refused write was told')
    }),
    'tells nothing after a subscription has ended': play(async ({ open, within, until }) => {
      const store = await open()
      const ended: StoredRollout[] = []
      store.subscribe((stored) => ended.push(stored))()
      const heard = heardBy(store)
      await takes(within, store, storedRollout(1), 0)
      await until('the other subscriber hears the write', () => heard.length > 0)
      equal(ended.length, 0, 'a subscription that had ended was told of a write')
    }),
    'tells nothing after close()': play(async ({ open, within, until }) => {
      const closed = await open()
      const ended = heardBy(closed)
      await within('close()', closed.close())
      const next = await open()
      const heard = heardBy(next)
      await takes(within, next, storedRollout(1), 0)
      await until('the next subscriber hears the write', () => heard.length > 0)
      equal(ended.length, 0, 'a store that was closed told of a write')
    }),
    'can be closed twice': play(async ({ open, within }) => {
      const store = await open()
      await within('close()', store.close())
      await within('close() once more', store.close())
    }),
  }
}

/** Collects everything that a store reports from now on. */
function heardBy(store: StateStore): readonly StoredRollout[] {
  const heard: StoredRollout[] = []
  store.subscribe((stored) => heard.push(stored))
  return heard
}
