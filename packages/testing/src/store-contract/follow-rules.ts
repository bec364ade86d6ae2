import { deepEqual, equal } from 'node:assert/strict'
import type { Head, StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { type Process, startProcess, startTwo } from './process.js'
import { headOf } from './records.js'

/** Which followers a store calls after writes. */
export function followRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'tells a follower of every write of another process': play(async (stage) => {
      const [following, writing] = await startTwo(stage)
      const heard = heardBy(following)
      for (const [expect, tag] of [[null, 'a'] as const, ['a', 'b'] as const, ['b', 'c'] as const]) {
        await writing.writes({ expect, head: headOf(tag) })
        await stage.until(`"${tag}" is heard`, () => heard.some((head) => head.tag === tag))
      }
      deepEqual(heard.at(-1), headOf('c'))
    }),
    'tells a follower of the writes of its own process': play(async (stage) => {
      const process = await startProcess(stage)
      const heard = heardBy(process)
      await process.writes({ expect: null, head: headOf('a') })
      await stage.until('the write is heard', () => heard.some(({ tag }) => tag === 'a'))
    }),
    'tells nobody of a write that it refused': play(async (stage) => {
      const process = await startProcess(stage)
      const heard = heardBy(process)
      await process.writes({ expect: null, head: headOf('a') })
      await process.isRefused('moved', headOf('a'), { expect: 'x', head: headOf('refused') })
      await process.writes({ expect: 'a', head: headOf('b') })
      await stage.until('the next write is heard', () => heard.some(({ tag }) => tag === 'b'))
      equal(heard.filter(({ tag }) => tag === 'refused').length, 0, 'a refused write was told')
    }),
    'tells nothing to a follower that has ended': play(async (stage) => {
      const process = await startProcess(stage)
      const ended: Head[] = []
      process.store.follow((head) => ended.push(head))()
      const heard = heardBy(process)
      await process.writes({ expect: null, head: headOf('a') })
      await stage.until('the other follower hears the write', () => heard.length > 0)
      equal(ended.length, 0, 'a follower that had ended was told of a write')
    }),
    'tells nothing after close()': play(async (stage) => {
      const [closed, next] = await startTwo(stage)
      const ended = heardBy(closed)
      await stage.within('close()', closed.store.close())
      const heard = heardBy(next)
      await next.writes({ expect: null, head: headOf('a') })
      await stage.until('the follower of another process hears the write', () => heard.length > 0)
      equal(ended.length, 0, 'a store that was closed told of a write')
    }),
    'can be closed twice': play(async (stage) => {
      const { store } = await startProcess(stage)
      for (const what of ['close()', 'close() once more']) await stage.within(what, store.close())
    }),
  }
}

/** Collects everything that a process is told from now on. */
function heardBy({ store }: Process): readonly Head[] {
  const heard: Head[] = []
  store.follow((head) => heard.push(head))
  return heard
}
