import { deepEqual, equal } from 'node:assert/strict'
import type { StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { pass, SHORT_MS, startProcess, startTwo, untilAnswered } from './process.js'
import { bodyOf, decisionsFrom, headOf } from './records.js'

const BEFORE = { head: headOf('a'), body: bodyOf('seen'), history: decisionsFrom(1, 1) }

const FIRST = { expect: null, head: BEFORE.head, body: BEFORE.body, decisions: BEFORE.history }

const NEXT = { expect: 'a', head: headOf('b'), body: bodyOf('late'), decisions: decisionsFrom(2, 1) }

/** Which writes need a lease that is in force. */
export function fencedRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'takes a write with the lease in force': play(async (stage) => {
      const { takes, writes, load } = await startProcess(stage)
      await writes(FIRST)
      await writes({ ...NEXT, lease: await takes('one') })
      equal((await load())?.head.tag, 'b')
    }),
    'takes a write without a lease while another process holds it': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.takes('one')
      await other.writes({ ...FIRST, isUrgent: true })
      equal((await one.load())?.head.tag, 'a')
    }),
    'refuses a write with a lease that nobody has, and changes nothing': play(async (stage) => {
      const { release, writes, isRefused, load } = await startProcess(stage)
      await writes(FIRST)
      await release('one')
      await isRefused('deposed', BEFORE.head, { ...NEXT, lease: { id: 'one', fence: 1 } })
      deepEqual(await load(), BEFORE)
    }),
    'refuses a write with the lease of another process, and changes nothing': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.writes(FIRST)
      const { fence } = await one.takes('one')
      await other.isRefused('deposed', BEFORE.head, { ...NEXT, lease: { id: 'other', fence } })
      deepEqual(await one.load(), BEFORE)
    }),
    'refuses a write with an earlier lease of the same process, and changes nothing': play(async (stage) => {
      const { takes, release, writes, isRefused, load } = await startProcess(stage)
      await writes(FIRST)
      const lease = await takes('one')
      await release('one')
      await takes('one')
      await isRefused('deposed', BEFORE.head, { ...NEXT, lease })
      deepEqual(await load(), BEFORE)
    }),
    'refuses a write with a lease that was returned, and changes nothing': play(async (stage) => {
      const { takes, release, writes, isRefused, load } = await startProcess(stage)
      await writes(FIRST)
      const lease = await takes('one')
      await release('one')
      await isRefused('deposed', BEFORE.head, { ...NEXT, lease })
      deepEqual(await load(), BEFORE)
    }),
    'refuses a write with a lease that ran out, and changes nothing': play(async (stage) => {
      const { takes, release, writes, isRefused, load } = await startProcess(stage)
      await writes(FIRST)
      const lease = await takes('one', SHORT_MS)
      await pass(stage, SHORT_MS)
      await untilAnswered(stage, 'the lease runs out', async () => (await release('nobody')).holder === null)
      await isRefused('deposed', BEFORE.head, { ...NEXT, lease })
      deepEqual(await load(), BEFORE)
    }),
    'answers a repeated write as before, also after the lease has passed on': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const change = { ...FIRST, lease: await one.takes('one') }
      await one.writes(change)
      await one.release('one')
      await other.takes('other')
      await one.writes(change)
    }),
    'keeps a body under the same head': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.writes(FIRST)
      equal(await one.keep(bodyOf('more'), 'a', await one.takes('one')), 'kept')
      deepEqual(await other.load(), { ...BEFORE, body: bodyOf('more') })
    }),
    'refuses to keep a body without the lease in force': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.writes(FIRST)
      const lease = await one.takes('one')
      equal(await other.keep(bodyOf('late'), 'a', { id: 'other', fence: lease.fence }), 'deposed')
      equal(await one.keep(bodyOf('late'), 'a', { id: 'one', fence: lease.fence - 1 }), 'deposed')
      await one.release('one')
      equal(await one.keep(bodyOf('late'), 'a', lease), 'deposed')
      deepEqual(await one.load(), BEFORE)
    }),
    'refuses to keep a body under another head': play(async (stage) => {
      const { keep, takes, writes, load } = await startProcess(stage)
      const lease = await takes('one')
      equal(await keep(bodyOf('late'), 'a', lease), 'moved', 'nothing is stored')
      equal(await load(), undefined)
      await writes(FIRST)
      equal(await keep(bodyOf('late'), 'b', lease), 'moved')
      deepEqual(await load(), BEFORE)
    }),
  }
}
