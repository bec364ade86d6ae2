import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import type { Fleet } from '../rollout/fleet.js'
import type { Visit } from '../rollout/records.js'
import { createCountsSum } from '../summaries/counts-sum.js'
import { packCounts } from '../summaries/packed-counts.js'
import { createLine } from './fleet.fixture.js'
import { createFleetCounts, type FleetCountsOptions } from './fleet-counts.js'
import { fastOf, jsonKeyedSum, jsonSum } from './json-sums.fixture.js'

const VISIT = { epoch: 1, visit: 2 }
const { signal } = new AbortController()

function start(given: Partial<FleetCountsOptions> = {}) {
  const clock = manualClock()
  let store = sharedMemoryStore({ clock })
  const line = createLine((given.fleet as Fleet) ?? store.fleet!, clock)
  const told: string[] = []
  const counts = createFleetCounts({
    clock,
    timeoutMs: 2_000,
    sum: jsonSum,
    keyedSum: jsonKeyedSum,
    onDamaged: (id) => told.push(`damaged ${id}`),
    onTooMany: (most) => told.push(`more than ${most}`),
    ...given,
    fleet: { collect: (...args) => line.fleet.collect(...args) },
  })
  const report = (id: string, seq: number, fast: string, more: { slow?: string; of?: Visit } = {}) => {
    const { of = VISIT, slow } = more
    return store.fleet!.publish({ id, seq, fast, ...(slow !== undefined && { slow }), ...of }, null, signal)
  }
  /** Returns the calls that were begun with the baseline and the canary. */
  const begun = async (visit: Visit = VISIT) => {
    const sum = await counts.collect(visit, signal)
    return sum === 'no-data' ? sum : [sum.baseline.begun, sum.canary.begun]
  }
  const replaceStore = (next: typeof store) => {
    store = next
    Object.assign(line.fleet, { collect: createLine(next.fleet!, clock).fleet.collect })
  }
  return { clock, line, told, counts, report, begun, replaceStore }
}

/** Returns the counts of a store that answers each call with the next of these values. */
function answering(...answers: unknown[]) {
  const cursors: string[] = []
  const collect = async (_: Visit, cursor: string) => {
    cursors.push(cursor)
    return answers.shift() as never
  }
  return { cursors, ...start({ fleet: { ...sharedMemoryStore().fleet!, collect } as Fleet }) }
}

const page = (cursor: string, isMore: boolean, ...reports: unknown[]) => ({ reports, cursor, isMore })
const row = (id: string, seq: number, baseline: number) => ({ id, seq, fast: fastOf(baseline, 0) })

describe('the counts of a fleet', () => {
  it('are the sum of the latest report of each process, read from the last cursor on', async () => {
    const { begun, counts, line, report } = start()
    expect(await begun()).toBe('no-data')
    await report('a', 1, fastOf(10, 1))
    await report('b', 1, fastOf(20, 2))
    expect(await begun()).toEqual([30, 3])
    await report('a', 2, fastOf(15, 4))
    expect(await begun()).toEqual([35, 6])
    expect(line.calls).toHaveLength(3)
    expect(await counts.collect(VISIT, signal)).toMatchObject({ isShared: true, clusters: null })
  })

  it('keep what a process counted that has ended', async () => {
    const { begun, report } = start()
    await report('dead', 9, fastOf(100, 10))
    expect(await begun()).toEqual([100, 10])
    for (let seq = 1; seq <= 3; seq++) {
      await report('alive', seq, fastOf(seq, 0))
      expect(await begun()).toEqual([100 + seq, 10])
    }
  })

  it('hold the clusters of the latest slow counts of each process', async () => {
    const { counts, report } = start()
    await report('a', 1, fastOf(1, 0), { slow: JSON.stringify(clusters(3)) })
    await report('b', 1, fastOf(1, 0), { slow: JSON.stringify(clusters(4)) })
    await counts.collect(VISIT, signal)
    await report('a', 2, fastOf(2, 0))
    const sum = await counts.collect(VISIT, signal)
    expect(sum).toMatchObject({ baseline: { begun: 3 }, clusters: clusters(7) })
  })

  it('are read from the texts that processes pack, damaged ones included', async () => {
    const sum = () => createCountsSum({ maxLabels: 12, maxMetrics: 12 })
    const { counts, begun, report, told } = start({ sum })
    const packed = (text: string) => packCounts(JSON.parse(text))
    for (let at = 0; at < 8; at++) await report(`p${at}`, 1, packed(fastOf(100 + at, at)))
    const first = await counts.collect(VISIT, signal)
    await report('p3', 2, packed(fastOf(203, 3)).slice(0, -1))
    expect(await counts.collect(VISIT, signal)).toEqual(first)
    await report('p3', 3, packed(fastOf(203, 3)))
    expect([await begun(), told]).toEqual([[928, 28], ['damaged p3']])
  })

  it('are those of one stay', async () => {
    const { begun, report } = start()
    await report('a', 1, fastOf(10, 1))
    expect(await begun()).toEqual([10, 1])
    const next = { epoch: 1, visit: 3 }
    expect(await begun(next)).toBe('no-data')
    await report('a', 2, fastOf(2, 2), { of: next })
    expect(await begun(next)).toEqual([2, 2])
    expect(await begun({ epoch: 2, visit: 3 })).toBe('no-data')
    expect(await begun()).toEqual([10, 1])
  })

  it('are read in pages until there are no more', async () => {
    const { begun, line, report } = start()
    for (let at = 0; at < 1_201; at++) await report(`p${at}`, 1, fastOf(1, 0))
    expect(await begun()).toEqual([1_201, 0])
    expect(line.calls).toHaveLength(3)
    await report('p7', 2, fastOf(2, 0))
    expect(await begun()).toEqual([1_202, 0])
    expect(line.calls).toHaveLength(4)
  })

  it('are limited to a number of processes, whose counts still rise; the limit is told once', async () => {
    const { begun, report, told } = start({ mostProcesses: 2 })
    for (const id of ['a', 'b', 'c', 'd']) await report(id, 1, fastOf(1, 0))
    expect(await begun()).toEqual([2, 0])
    await report('c', 2, fastOf(9, 0))
    await report('a', 2, fastOf(5, 0))
    expect(await begun()).toEqual([6, 0])
    expect(told).toEqual(['more than 2'])
  })

  it('take a limited number of pages, and go on from there', async () => {
    let at = 0
    const collect = async () => page(`${++at}`, true, row(`p${at % 3}`, at, 1)) as never
    const { begun, counts, told } = start({
      mostProcesses: 2,
      fleet: { ...sharedMemoryStore().fleet!, collect } as Fleet,
    })
    await counts.collect(VISIT, signal)
    expect(at).toBe(5)
    expect(await begun()).toEqual([2, 0])
    expect([at, told]).toEqual([10, ['more than 2']])
  })
})

/** Returns clusters in which each figure of each cluster is this one. */
function clusters(figure: number) {
  const list = Array.from({ length: 64 }, () => figure)
  const named = { finished: list, answered: list, errors: list, timeouts: list, aborted: list, latencyMs: list }
  return { ...named, decided: list, unanswered: list, predicted: list, predictions: [] }
}

describe('a report that was read', () => {
  it('is not replaced by an earlier one, or one with the same sequence', async () => {
    const { begun } = answering(
      page('5', false, row('a', 5, 50)),
      page('6', false, row('a', 4, 40)),
      page('7', false, row('a', 5, 99)),
      page('8', false, row('a', 6, 60)),
    )
    expect([await begun(), await begun(), await begun(), await begun()]).toEqual([
      [50, 0],
      [50, 0],
      [50, 0],
      [60, 0],
    ])
  })

  it('stays counted when the store comes back empty, or at an earlier state', async () => {
    const { begun, clock, replaceStore, report } = start()
    for (let seq = 1; seq <= 50; seq++) await report('a', seq, fastOf(seq, 0))
    await report('dead', 1, fastOf(1_000, 0))
    expect(await begun()).toEqual([1_050, 0])
    replaceStore(sharedMemoryStore({ clock }))
    expect(await begun()).toEqual([1_050, 0])
    await report('a', 30, fastOf(30, 0))
    expect(await begun()).toEqual([1_050, 0])
    await report('a', 51, fastOf(51, 0))
    expect(await begun()).toEqual([1_051, 0])
  })
})

describe('a damaged report', () => {
  it('is told once for a process, which counts as before until a good one comes', async () => {
    const { begun, report, told } = start()
    await report('a', 1, fastOf(10, 1))
    await report('b', 1, 'damaged')
    expect(await begun()).toEqual([10, 1])
    await report('a', 2, '')
    for (let turn = 0; turn < 3; turn++) expect(await begun()).toEqual([10, 1])
    await report('a', 3, '}')
    expect(await begun()).toEqual([10, 1])
    expect(told).toEqual(['damaged b', 'damaged a'])
    await report('a', 4, fastOf(12, 1))
    await report('b', 2, fastOf(5, 5))
    expect(await begun()).toEqual([17, 6])
  })

  it('is no data if it is the only one', async () => {
    const { begun, report } = start()
    await report('a', 1, 'damaged')
    expect(await begun()).toBe('no-data')
  })

  it('does not take the other kind of counts with it', async () => {
    const { counts, report, told } = start()
    await report('a', 1, fastOf(10, 1), { slow: JSON.stringify(clusters(1)) })
    await counts.collect(VISIT, signal)
    await report('a', 2, fastOf(11, 1), { slow: 'damaged' })
    expect(await counts.collect(VISIT, signal)).toMatchObject({ baseline: { begun: 11 }, clusters: clusters(1) })
    expect(told).toEqual(['damaged a'])
  })

  it.each([
    ['without a sequence', { id: 'x', fast: '' }],
    ['with a negative sequence', { id: 'x', seq: -1, fast: '' }],
    ['without counts', { id: 'x', seq: 1 }],
    ['with slow counts that are not a text', { id: 'x', seq: 1, fast: fastOf(1, 1), slow: 7 }],
  ])('leaves the others as they are: %s', async (_, damaged) => {
    const { begun, told } = answering(page('1', false, damaged, row('a', 1, 10)))
    expect(await begun()).toEqual([10, 0])
    expect(told).toEqual(['damaged x'])
  })
})

describe('a store that fails', () => {
  it.each([
    ['nothing', undefined],
    ['a text', 'OK'],
    ['no reports', { cursor: '1', isMore: false }],
    ['a number as the cursor', { reports: [], cursor: 1, isMore: false }],
    ['a text for true', { reports: [], cursor: '1', isMore: 'no' }],
    ['a report without an id', page('1', false, { seq: 1, fast: '' })],
    ['more without a later cursor', page('', true, row('a', 1, 1))],
    ['more without any report', page('9', true)],
  ])('rejects, and is read from the beginning the next time: %s', async (_, answer) => {
    const { begun, counts, cursors } = answering(answer, page('4', false, row('a', 1, 10)))
    await expect(counts.collect(VISIT, signal)).rejects.toThrow('[STORE_FAILED] collect() answered')
    expect(await begun()).toEqual([10, 0])
    expect(cursors).toEqual(['', ''])
  })

  it('rejects after the limit of one call, between two pages as well', async () => {
    const { clock, line, counts, report, begun } = start()
    for (let at = 0; at < 600; at++) await report(`p${at}`, 1, fastOf(1, 0))
    line.way = { thereMs: 700, backMs: 700 }
    const slow = counts.collect(VISIT, signal)
    await clock.advance(2_800)
    expect(await slow).toMatchObject({ baseline: { begun: 600 } })
    line.way = 'hangs'
    const hung = expect(counts.collect(VISIT, signal)).rejects.toThrow('no answer within 2000 ms')
    await clock.advance(2_000)
    await hung
    line.way = 'open'
    const calls = line.calls.length
    expect(await begun()).toEqual([600, 0])
    expect(line.calls.length - calls).toBe(2)
  })

  it('rejects at once when nobody waits any more', async () => {
    const { counts, line } = start()
    const caller = new AbortController()
    line.way = 'hangs'
    const asked = counts.collect(VISIT, caller.signal)
    caller.abort()
    await expect(asked).rejects.toThrow('no longer wanted')
  })

  it('with an answer without news is read from the beginning, because its cursors may have begun again', async () => {
    const { begun, cursors } = answering(
      page('500', false, row('a', 5, 50)),
      page('500', false),
      page('3', false, row('a', 6, 60), row('b', 1, 1)),
    )
    expect([await begun(), await begun()]).toEqual([
      [50, 0],
      [61, 0],
    ])
    expect(cursors).toEqual(['', '500', ''])
  })
})
