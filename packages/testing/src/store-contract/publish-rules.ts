import { deepEqual, equal } from 'node:assert/strict'
import type { StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { startProcess, startTwo } from './process.js'
import { headOf } from './records.js'
import { reportOf } from './reports.js'

/** What a process is told when it reports. */
export function publishRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'answers a report with null if nothing is stored': play(async (stage) => {
      const { publish } = await startProcess(stage)
      equal((await publish(reportOf('one', 1), 'a')).head, null)
    }),
    'answers a report with the head if its tag is another one': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.writes({ expect: null, head: headOf('a') })
      deepEqual((await other.publish(reportOf('other', 1), null)).head, headOf('a'))
      deepEqual((await other.publish(reportOf('other', 2), 'A')).head, headOf('a'))
      await one.writes({ expect: 'a', head: headOf('b') })
      deepEqual((await other.publish(reportOf('other', 3), 'a')).head, headOf('b'))
    }),
    'answers a report without the head if its tag is known': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.writes({ expect: null, head: headOf('a') })
      deepEqual(await other.publish(reportOf('other', 1), 'a'), { lives: 1 })
    }),
    'answers a report that changes nothing as well': play(async (stage) => {
      const { publish, writes } = await startProcess(stage)
      await publish(reportOf('one', 5))
      await writes({ expect: null, head: headOf('a') })
      deepEqual(await publish(reportOf('one', 4), null), { lives: 1, head: headOf('a') })
    }),
    'counts the processes that reported in an epoch': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const lives = async (report: ReturnType<typeof reportOf>) => (await other.publish(report)).lives
      equal((await one.publish(reportOf('one', 1))).lives, 1)
      equal(await lives(reportOf('other', 1)), 2)
      equal(await lives(reportOf('other', 2)), 2, 'a process counts once')
      equal(await lives(reportOf('other', 3, { visit: 2 })), 2, 'a process counts once in an epoch')
      equal(await lives(reportOf('third', 1, { visit: 2 })), 3, 'all stays of an epoch count')
    }),
    'counts the processes of each epoch apart': play(async (stage) => {
      const { publish } = await startProcess(stage)
      for (const id of ['one', 'other']) await publish(reportOf(id, 1))
      equal((await publish(reportOf('one', 2, { epoch: 2 }))).lives, 1)
      equal((await publish(reportOf('one', 3, { epoch: 12 }))).lives, 1)
    }),
    'counts a process that has ended for as long as the epoch': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.publish(reportOf('one', 1))
      await stage.within('close()', one.store.close())
      for (let visit = 1; visit <= 40; visit += 1)
        equal((await other.publish(reportOf('other', visit, { visit }))).lives, 2, `in stay ${visit}`)
    }),
  }
}
