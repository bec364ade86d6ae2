import { deepEqual, ok } from 'node:assert/strict'
import type { StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { type Process, startProcess, startTwo } from './process.js'
import { ODD_NAMES } from './records.js'
import { memberOf, reportOf } from './reports.js'

/** The age from which a process is no longer a member, in milliseconds. */
const MEMBER_MS = 60_000

/** Which processes a store lists. */
export function memberRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'lists the processes that reported, with what they said': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      deepEqual(await listed(one), [])
      await one.publish(reportOf('one', 1, { member: memberOf('one', { isWarm: null, tag: null }) }))
      await other.publish(reportOf('other', 1, { member: memberOf('other', { weight: 50 }) }))
      for (const { ageMs } of await one.members()) ok(ageMs >= 0 && ageMs < MEMBER_MS, `an age is ${ageMs} ms`)
      deepEqual(await listed(one), [memberOf('one', { isWarm: null, tag: null }), memberOf('other', { weight: 50 })])
    }),
    'lists processes with odd ids': play(async (stage) => {
      const process = await startProcess(stage)
      for (const id of ODD_NAMES) await process.publish(reportOf(id, 1, { member: memberOf(id) }))
      deepEqual(
        await listed(process),
        ODD_NAMES.toSorted().map((id) => memberOf(id)),
      )
    }),
    'lists what a process said last': play(async (stage) => {
      const process = await startProcess(stage)
      await process.publish(reportOf('one', 1, { member: memberOf('one') }))
      await process.publish(reportOf('one', 2, { visit: 2, member: memberOf('one', { weight: 50 }) }))
      deepEqual(await listed(process), [memberOf('one', { weight: 50 })])
    }),
    'keeps what a process said where a report leaves it out': play(async (stage) => {
      const process = await startProcess(stage)
      await process.publish(reportOf('one', 1, { member: memberOf('one') }))
      await process.publish(reportOf('one', 2))
      await process.publish(reportOf('one', 3, { visit: 2 }))
      deepEqual(await listed(process), [memberOf('one')])
    }),
    'does not list what an older report says': play(async (stage) => {
      const process = await startProcess(stage)
      await process.publish(reportOf('one', 2, { member: memberOf('one') }))
      await process.publish(reportOf('one', 1, { member: memberOf('one', { weight: 50 }) }))
      deepEqual(await listed(process), [memberOf('one')])
    }),
    'does not list a process that has not reported for a minute': play(async (stage) => {
      const { place } = stage
      if (place.passTime === undefined) throw new Error('add passTime() to the place, or skip this rule')
      const process = await startProcess(stage)
      await process.publish(reportOf('one', 1, { member: memberOf('one') }))
      await process.publish(reportOf('other', 1, { member: memberOf('other') }))
      await place.passTime(MEMBER_MS - 5_000)
      await process.publish(reportOf('other', 2))
      deepEqual(await listed(process), [memberOf('one'), memberOf('other')])
      await place.passTime(6_000)
      deepEqual(await listed(process), [memberOf('other')])
    }),
  }
}

/** Lists the members without their ages, sorted by the ids. */
async function listed({ members }: Process) {
  const sorted = (await members()).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return sorted.map(({ ageMs: _, ...member }) => member)
}
