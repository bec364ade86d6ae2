import { deepEqual, equal } from 'node:assert/strict'
import type { StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { type Stage, startProcess, startTwo } from './process.js'
import { asJson, bodyOf, decisionsFrom, EVIDENCE, headOf, ODD_NAMES } from './records.js'

/** The size up to which a controller stores by default: its option `maxStoredBytes`. */
const MOST_BYTES = 262_144

const WRITERS = 10

/** What a store keeps, and which writes it takes. */
export function writeRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'has nothing stored at first': play(async (stage) => {
      const { load } = await startProcess(stage)
      equal(await load(), undefined, 'load() must resolve to undefined in an empty place')
    }),
    'takes a first write only if it expects nothing': play(async (stage) => {
      const { load, writes, isRefused } = await startProcess(stage)
      await isRefused('moved', undefined, { expect: 'x', head: headOf('a') })
      equal(await load(), undefined, 'a refused write must store nothing')
      await writes({ expect: null, head: headOf('a') })
    }),
    'returns what was written, as JSON': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      const [head, body, decisions] = [headOf('a'), bodyOf(EVIDENCE), decisionsFrom(1, 2)]
      await writes({ expect: null, head, body, decisions })
      deepEqual(await load(), asJson({ head, body, history: decisions }))
    }),
    'takes a body as large as controllers store by default': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      const body = bodyOf('x'.repeat(MOST_BYTES - JSON.stringify(bodyOf('')).length))
      await writes({ expect: null, head: headOf('a'), body })
      deepEqual((await load())?.body, body)
    }),
    'keeps a copy that nobody else can change': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      const [head, body] = [headOf('a'), bodyOf('seen')]
      await writes({ expect: null, head, body })
      for (const records of [{ head, body }, (await load())!]) {
        Object.assign(records.head, { config: 'changed' })
        Object.assign(records.body!, { evidence: 'changed' })
      }
      deepEqual(await load(), { head: headOf('a'), body: bodyOf('seen'), history: [] })
    }),
    'has no body until one is written': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a') })
      equal((await load())?.body, null)
    }),
    'keeps the body where a write leaves it out': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a'), body: bodyOf('seen') })
      await writes({ expect: 'a', head: headOf('b') })
      deepEqual((await load())?.body, bodyOf('seen'))
    }),
    'refuses a write over another tag, and changes nothing': play(async (stage) => {
      const { load, writes, isRefused } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a'), body: bodyOf('seen') })
      await writes({ expect: 'a', head: headOf('b') })
      for (const expect of [null, 'a', 'x', 'B', ''])
        await isRefused('moved', headOf('b'), { expect, head: headOf('c'), body: bodyOf('late') })
      deepEqual(await load(), { head: headOf('b'), body: bodyOf('seen'), history: [] })
    }),
    'compares tags, not revisions': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a', { rev: 5 }) })
      await writes({ expect: 'a', head: headOf('b', { rev: 9 }) })
      await writes({ expect: 'b', head: headOf('c', { rev: 9 }) })
      await writes({ expect: 'c', head: headOf('d', { rev: 2 }) })
      equal((await load())?.head.rev, 2)
    }),
    'answers a repeated write as before, and changes nothing': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a'), body: bodyOf('seen') })
      await writes({ expect: null, head: headOf('a', { config: 'late' }), body: bodyOf('late') })
      deepEqual(await load(), { head: headOf('a'), body: bodyOf('seen'), history: [] })
    }),
    'keeps odd names and tags': play(async (stage) => {
      const { load, writes } = await startProcess(stage)
      let expect: string | null = null
      for (const tag of ODD_NAMES) {
        const head = headOf(tag, { name: tag, config: tag, versions: { baseline: tag, canary: `${tag}2` } })
        await writes({ expect, head })
        deepEqual((await load())?.head, head)
        expect = tag
      }
    }),
    'shows every process what another one wrote': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.writes({ expect: null, head: headOf('a'), body: bodyOf('seen') })
      for (const process of [one, other])
        deepEqual(await process.load(), { head: headOf('a'), body: bodyOf('seen'), history: [] })
      await other.writes({ expect: 'a', head: headOf('b'), body: bodyOf('more') })
      await one.isRefused('moved', headOf('b'), { expect: 'a', head: headOf('c') })
      deepEqual(await one.load(), { head: headOf('b'), body: bodyOf('more'), history: [] })
    }),
    'takes one of ten first writes at the same moment': play((stage) => oneWins(stage, null)),
    'takes one of ten writes over the same tag at the same moment': play(async (stage) => {
      const { writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a') })
      await oneWins(stage, 'a')
    }),
  }
}

/** Several processes write over one tag at the same time. One of them wins, and all of its write is stored. */
async function oneWins(stage: Stage, expect: string | null): Promise<void> {
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => startProcess(stage)))
  const changeOf = (writer: number) => ({
    expect,
    head: headOf(`w${writer}`, { rev: 2 + writer }),
    body: bodyOf(writer),
    decisions: decisionsFrom(1 + writer, 1),
  })
  const answers = await Promise.all(writers.map(({ write }, writer) => write(changeOf(writer))))
  const winners = answers.flatMap(({ kind }, writer) => (kind === 'written' ? [writer] : []))
  equal(winners.length, 1, `${winners.length} of ${WRITERS} writes over ${JSON.stringify(expect)} were taken`)
  const { head, body, decisions } = changeOf(winners[0]!)
  deepEqual(await writers[0]!.load(), { head, body, history: decisions }, 'another write than the taken one is stored')
}
