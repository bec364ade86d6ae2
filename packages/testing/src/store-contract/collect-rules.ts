import { deepEqual, equal, ok } from 'node:assert/strict'
import type { PackedReport, StateStore, Visit } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { type Process, startProcess, startTwo } from './process.js'
import { ODD_NAMES } from './records.js'
import { reportOf, STAY } from './reports.js'

/** The most reports of one answer. */
const MOST = 500

/** More pages than any rule fills. */
const MOST_PAGES = 10

/** How the counts of all processes are collected. */
export function collectRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'collects nothing where nothing was reported': play(async (stage) => {
      const { collect } = await startProcess(stage)
      const { reports, isMore } = await collect(STAY, '')
      deepEqual({ reports, isMore }, { reports: [], isMore: false })
    }),
    'collects the reports of all processes': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.publish(reportOf('one', 1, { slow: 'keys' }))
      await other.publish(reportOf('other', 7))
      deepEqual(await collected(one), [packed('one', 1, { slow: 'keys' }), packed('other', 7)])
    }),
    'collects the reports of processes with odd ids': play(async (stage) => {
      const { publish, ...process } = await startProcess(stage)
      for (const id of ODD_NAMES) await publish(reportOf(id, 1))
      deepEqual(
        await collected(process),
        ODD_NAMES.toSorted().map((id) => packed(id, 1)),
      )
    }),
    'collects what changed since the cursor, and nothing twice': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      for (const id of ['a', 'b', 'c']) await one.publish(reportOf(id, 1))
      const first = await other.collect(STAY, '')
      equal(first.reports.length, 3)
      const none = await other.collect(STAY, first.cursor)
      deepEqual(none.reports, [], 'nothing has changed')
      await one.publish(reportOf('b', 2))
      await one.publish(reportOf('b', 3))
      const changed = await other.collect(STAY, none.cursor)
      deepEqual(changed.reports, [packed('b', 3)])
      await one.publish(reportOf('d', 1))
      deepEqual((await other.collect(STAY, changed.cursor)).reports, [packed('d', 1)])
      deepEqual((await other.collect(STAY, first.cursor)).reports.toSorted(byId), [packed('b', 3), packed('d', 1)])
    }),
    'collects at most 500 reports at a time, and misses none': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const ids = Array.from({ length: MOST + 120 }, (_, index) => `p${index}`)
      for (let from = 0; from < ids.length; from += 20)
        await Promise.all(ids.slice(from, from + 20).map((id) => one.publish(reportOf(id, 1))))
      const first = await other.collect(STAY, '')
      deepEqual([first.reports.length, first.isMore], [MOST, true])
      const changed = first.reports[0]!.id
      await one.publish(reportOf(changed, 2))
      const rest = await collectedSince(other, STAY, first.cursor)
      deepEqual((await other.collect(STAY, rest.cursor)).reports, [], 'nothing has changed since the last page')
      const seen = [...first.reports, ...rest.reports].map(({ id, seq }) => `${id} ${seq}`)
      equal(new Set(seen).size, seen.length, 'a report came twice')
      const expected = [...ids.map((id) => `${id} 1`), `${changed} 2`]
      deepEqual(seen.toSorted(), expected.toSorted())
    }),
    'changes nothing with an older or equal number': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.publish(reportOf('one', 10, { fast: 'now', slow: 'keys' }))
      const { cursor } = await other.collect(STAY, '')
      for (const seq of [9, 10, 1]) await other.publish(reportOf('one', seq, { fast: 'late', slow: 'late' }))
      deepEqual((await other.collect(STAY, cursor)).reports, [], 'an older report is not news')
      deepEqual(await collected(other), [packed('one', 10, { fast: 'now', slow: 'keys' })])
    }),
    'keeps what changes slowly where a report leaves it out': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.publish(reportOf('one', 1, { slow: 'keys' }))
      await one.publish(reportOf('one', 2))
      deepEqual(await collected(other), [packed('one', 2, { slow: 'keys' })])
      await one.publish(reportOf('one', 3, { slow: 'more keys' }))
      deepEqual(await collected(other), [packed('one', 3, { slow: 'more keys' })])
    }),
    'keeps the reports of stays apart': play(async (stage) => {
      const { publish, ...process } = await startProcess(stage)
      const stays = [
        STAY,
        { epoch: 1, visit: 2 },
        { epoch: 2, visit: 1 },
        { epoch: 1, visit: 11 },
        { epoch: 11, visit: 1 },
      ]
      for (const [index, stay] of stays.entries()) await publish(reportOf('one', index + 1, stay))
      for (const [index, stay] of stays.entries())
        deepEqual(await collected(process, stay), [packed('one', index + 1)], JSON.stringify(stay))
    }),
    'takes a late report of an earlier stay': play(async (stage) => {
      const { publish, ...process } = await startProcess(stage)
      await publish(reportOf('one', 1))
      await publish(reportOf('one', 3, { visit: 2 }))
      await publish(reportOf('one', 2))
      deepEqual(await collected(process), [packed('one', 2)])
    }),
    'keeps the reports of processes that have ended': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      await one.publish(reportOf('one', 1))
      await stage.within('close()', one.store.close())
      deepEqual(await collected(other), [packed('one', 1)])
    }),
  }
}

/** Returns a report as it is collected. */
const packed = (id: string, seq: number, members: Partial<PackedReport> = {}): PackedReport => ({
  id,
  seq,
  fast: reportOf(id, seq).fast,
  ...members,
})

const byId = (a: PackedReport, b: PackedReport): number => (a.id < b.id ? -1 : 1)

/** Collects all reports of a stay, sorted by the ids. */
const collected = async (process: Pick<Process, 'collect'>, visit = STAY): Promise<readonly PackedReport[]> =>
  (await collectedSince(process, visit, '')).reports.toSorted(byId)

/** Collects all pages of a stay from a cursor on. */
async function collectedSince(
  { collect }: Pick<Process, 'collect'>,
  visit: Visit,
  from: string,
): Promise<{ readonly reports: readonly PackedReport[]; readonly cursor: string }> {
  const all: PackedReport[] = []
  let [cursor, isMore, pages] = [from, true, 0]
  while (isMore) {
    const page = await collect(visit, cursor)
    ok(page.reports.length <= MOST, `a page has ${page.reports.length} reports`)
    ok((pages += 1) <= MOST_PAGES, `there is more after ${MOST_PAGES} pages`)
    ok(!page.isMore || page.reports.length > 0, 'an empty page says that there are more')
    all.push(...page.reports)
    ;({ cursor, isMore } = page)
  }
  return { reports: all, cursor }
}
