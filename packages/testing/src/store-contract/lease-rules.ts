import { deepEqual, equal, ok } from 'node:assert/strict'
import type { StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { LONG_MS, pass, SHORT_MS, startProcess, startTwo, untilAnswered } from './process.js'
import { headOf, ODD_NAMES } from './records.js'

/** Who gets the lease, with which fence, and for how long. */
export function leaseRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'gives the lease to one of ten processes at the same moment': play(async (stage) => {
      const processes = await Promise.all(Array.from({ length: 10 }, () => startProcess(stage)))
      const answers = await Promise.all(processes.map(({ ask }, index) => ask(`p${index}`)))
      const holders = answers.flatMap(({ isMine }, index) => (isMine ? [`p${index}`] : []))
      equal(holders.length, 1, `${holders.length} processes hold the lease`)
      deepEqual(new Set(answers.map(({ holder }) => holder)), new Set(holders), 'the answers name another holder')
    }),
    'says who holds the lease, with which fence, and for how long': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const { fence } = await one.takes('one')
      const { leftMs, ...answer } = await other.ask('other')
      deepEqual(answer, { isMine: false, fence, holder: 'one' })
      ok(leftMs > 0 && leftMs <= LONG_MS, `the lease of ${LONG_MS} ms has ${leftMs} ms left`)
    }),
    'keeps the fence of a lease that is renewed': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const { fence } = await one.takes('one', LONG_MS, 3)
      for (const process of [one, other]) {
        const answer = await process.ask('one', LONG_MS, 9)
        deepEqual([answer.isMine, answer.fence], [true, fence], 'a renewal must change nothing but the time')
      }
    }),
    'gives each new holder a higher fence': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const fences: number[] = []
      for (const [process, id] of [[one, 'one'] as const, [other, 'other'] as const, [one, 'one'] as const]) {
        fences.push((await process.takes(id)).fence)
        await process.release(id)
      }
      ok(fences[0]! < fences[1]! && fences[1]! < fences[2]!, `the fences are ${fences.join(', ')}`)
    }),
    'gives a fence above the least one that is asked for': play(async (stage) => {
      const { takes } = await startProcess(stage)
      const { fence } = await takes('one', LONG_MS, 41)
      ok(fence > 41, `the fence is ${fence}`)
    }),
    'gives a fence above that of the stored head': play(async (stage) => {
      const { takes, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a', { fence: 41 }) })
      const { fence } = await takes('one')
      ok(fence > 41, `the fence is ${fence}`)
    }),
    'frees a lease that its holder returns': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const { fence } = await one.takes('one')
      deepEqual(await one.release('one'), { isMine: false, fence, holder: null, leftMs: 0 })
      await other.takes('other')
    }),
    'keeps a lease that another process returns': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.takes('one')
      equal((await other.release('other')).holder, 'one')
      equal((await other.ask('other')).isMine, false)
    }),
    'ends a lease that is not renewed': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const { fence } = await one.takes('one', SHORT_MS)
      await other.ask('other')
      await pass(stage, SHORT_MS)
      await untilAnswered(stage, 'the lease runs out', async () => (await other.ask('other')).isMine)
      ok((await other.ask('other')).fence > fence, 'a new holder must get a higher fence')
    }),
    'gives a process whose lease ran out a new fence': play(async (stage) => {
      const { takes, release } = await startProcess(stage)
      const { fence } = await takes('one', SHORT_MS)
      await pass(stage, SHORT_MS)
      await untilAnswered(stage, 'the lease runs out', async () => (await release('nobody')).holder === null)
      ok((await takes('one')).fence > fence, 'a lease that ran out must get a higher fence')
    }),
    'counts the time of a lease from its renewal': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.takes('one', SHORT_MS)
      await other.ask('other')
      await one.takes('one', LONG_MS)
      await other.ask('other')
      await pass(stage, 2 * SHORT_MS)
      equal((await other.ask('other')).holder, 'one', 'a lease that was renewed is still in force')
    }),
    'gives the lease to processes with odd ids': play(async (stage) => {
      const { ask, takes, release } = await startProcess(stage)
      for (const id of ODD_NAMES) {
        await takes(id)
        equal((await ask('one')).holder, id)
        await release(id)
      }
    }),
  }
}
