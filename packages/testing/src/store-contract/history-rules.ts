import { deepEqual } from 'node:assert/strict'
import { DECISIONS_KEPT, DECISIONS_LOADED, type StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { startProcess, startTwo } from './process.js'
import { decisionsFrom, headOf } from './records.js'

/** How decisions are appended. */
export function historyRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'appends decisions to those of earlier writes': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.writes({ expect: null, head: headOf('a'), decisions: decisionsFrom(1, 3) })
      await other.writes({ expect: 'a', head: headOf('b') })
      await other.writes({ expect: 'b', head: headOf('c'), decisions: decisionsFrom(4, 2) })
      const expected = [...decisionsFrom(1, 3), ...decisionsFrom(4, 2)]
      deepEqual((await one.load())?.history, expected, 'all decisions must be there, oldest first')
    }),
    'appends the decisions of a repeated write once': play(async (stage) => {
      const { load, write, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a'), decisions: decisionsFrom(1, 1) })
      const change = { expect: 'a', head: headOf('b'), decisions: decisionsFrom(2, 2) }
      for (let attempt = 0; attempt < 3; attempt += 1) await write(change)
      deepEqual((await load())?.history, [...decisionsFrom(1, 1), ...decisionsFrom(2, 2)])
    }),
    'appends no decision of a refused write': play(async (stage) => {
      const { load, write, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a'), decisions: decisionsFrom(1, 1) })
      await write({ expect: 'x', head: headOf('b'), decisions: decisionsFrom(2, 1) })
      deepEqual((await load())?.history, decisionsFrom(1, 1))
    }),
    'returns the latest 100 of many decisions, oldest first': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      const perWrite = 70
      let [expect, written]: [string | null, number] = [null, 0]
      while (written <= DECISIONS_KEPT + DECISIONS_LOADED) {
        const head = headOf(`after ${written}`)
        const decisions = decisionsFrom(written + 1, perWrite)
        await writes({ expect, head, decisions })
        ;[expect, written] = [head.tag, written + perWrite]
        const loaded = (await load())?.history.map(({ sequence }) => sequence)
        const count = Math.min(written, DECISIONS_LOADED)
        deepEqual(loaded, sequence(written - count + 1, count), `load() after ${written} decisions`)
      }
    }),
  }
}

const sequence = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index)
