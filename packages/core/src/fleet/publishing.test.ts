import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import type { Fleet, PublishAnswer, Report } from '../rollout/fleet.js'
import type { Head } from '../rollout/records.js'
import { createLine } from './fleet.fixture.js'
import { createPublishing, type PublishingOptions } from './publishing.js'

const TIMEOUT_MS = 2_000
const VISIT = { epoch: 1, visit: 1 }

/** A head with the members that every release reads. */
const head = (tag: string, members: object = {}) =>
  ({
    tag,
    wire: 1,
    rev: 3,
    status: 'progressing',
    switch: { on: false, n: 0 },
    route: { ...VISIT, weight: 10, step: 1, active: true },
    ...members,
  }) as unknown as Head

function start(given: Partial<PublishingOptions> = {}) {
  const clock = manualClock()
  const store = sharedMemoryStore({ clock })
  const line = createLine((given.fleet as Fleet) ?? store.fleet!, clock)
  const reports: Report[] = []
  const seen: string[] = []
  const known = { tag: null as string | null, counted: 0 }
  const publish: Fleet['publish'] = (report, ...rest) => {
    reports.push(report)
    return line.fleet.publish(report, ...rest)
  }
  const publishing = createPublishing({
    id: 'one',
    clock,
    timeoutMs: TIMEOUT_MS,
    everyMs: () => 1_000,
    report: () => ({ ...VISIT, fast: `${known.counted}` }),
    knownTag: () => known.tag,
    onHead: (found) => {
      known.tag = found?.tag ?? null
      seen.push(`head ${known.tag}`)
    },
    onLives: (lives) => seen.push(`lives ${lives}`),
    onFailure: (cause) => seen.push(`failed: ${(cause as Error).message}`),
    onAnswer: () => {},
    onStored: ({ seq }) => seen.push(`answer ${seq}`),
    onSilent: () => seen.push('silent'),
    ...given,
    fleet: { publish },
  })
  const stored = async () => (await store.fleet!.collect(VISIT, '', new AbortController().signal)).reports
  return { clock, store, line, publishing, reports, seen, known, stored }
}

/** Returns a publishing whose store returns this answer. */
const answering = (answer: unknown) => start({ fleet: { publish: async () => answer as PublishAnswer } as never })

const isOver = async (promise: Promise<void>) => {
  const state = { isOver: false }
  await Promise.race([promise.then(() => Object.assign(state, { isOver: true })), new Promise(setImmediate)])
  return state.isOver
}

describe('a publishing', () => {
  it('sends what is true at each time, with a sequence that rises', async () => {
    const { clock, publishing, known, reports, seen, stored } = start()
    publishing.start()
    publishing.start()
    await clock.advance(0)
    known.counted = 5
    await clock.advance(2_000)
    expect(reports.map(({ id, seq, fast }) => [id, seq, fast])).toEqual([
      ['one', 1, '0'],
      ['one', 2, '5'],
      ['one', 3, '5'],
    ])
    expect(seen).toEqual(['answer 1', 'lives 1', 'answer 2', 'lives 1', 'answer 3', 'lives 1'])
    expect(await stored()).toEqual([{ id: 'one', seq: 3, fast: '5' }])
  })

  it('brings the stored head once, and null if the store has lost it', async () => {
    const { clock, store, publishing, known, seen } = start()
    await store.write({ expect: null, head: head('a.1') }, new AbortController().signal)
    publishing.start()
    await clock.advance(2_000)
    expect(seen.filter((line) => line.startsWith('head'))).toEqual(['head a.1'])
    expect(known.tag).toBe('a.1')
    const empty = answering({ lives: 1, head: null })
    empty.publishing.start()
    await empty.clock.advance(0)
    expect(empty.seen).toEqual(['answer 1', 'lives 1', 'head null'])
  })

  it('asks for the interval each time, and counts it from the beginning of a publish', async () => {
    let everyMs = 1_000
    const { clock, line, publishing, reports } = start({ everyMs: () => everyMs })
    line.way = { thereMs: 300, backMs: 300 }
    publishing.start()
    await clock.advance(1_000)
    expect(reports).toHaveLength(2)
    everyMs = 15_000
    await clock.advance(14_999)
    expect(reports).toHaveLength(2)
    await clock.advance(1)
    expect(reports).toHaveLength(3)
  })

  it('has one pending publish, also if the store is slow', async () => {
    const { clock, line, publishing, reports, seen } = start()
    line.way = { thereMs: 900, backMs: 900 }
    publishing.start()
    for (let turn = 0; turn < 100; turn++) {
      void publishing.now()
      await clock.advance(100)
    }
    expect(line.mostPending).toBe(1)
    expect(reports.length).toBe(6)
    expect(seen).toContain('answer 5')
  })

  it('sends the last report of each ended stay after the present one, until it is answered', async () => {
    const ended = [1, 2].map((visit) => ({ epoch: 1, visit, fast: `all of ${visit}` }))
    const { clock, line, publishing, reports } = start({
      report: () => ({ epoch: 1, visit: 3, fast: 'now' }),
      ended: () => ended[0],
      onEndedStored: (report) => void (report === ended[0] && ended.shift()),
    })
    line.way = 'mute'
    publishing.start()
    await clock.advance(TIMEOUT_MS)
    expect(reports.map(({ fast }) => fast)).toEqual(['now'])
    line.way = 'open'
    await clock.advance(2_000)
    expect(reports.map(({ seq, fast }) => `${seq} ${fast}`)).toEqual([
      ...['1 now', '2 now', '3 all of 1', '4 all of 2'],
      '5 now',
    ])
  })

  it('tells of a report of an ended stay that failed, and goes on with the present one', async () => {
    const { clock, publishing, reports, seen } = start({
      ended: () => ({ epoch: 1, visit: 0, fast: 'ended' }),
      fleet: {
        publish: async ({ visit }: Report) => {
          if (visit === 0) throw new Error('too many processes')
          return { lives: 1 }
        },
      } as never,
    })
    publishing.start()
    await clock.advance(1_000)
    expect(reports.map(({ fast }) => fast)).toEqual(['0', 'ended', '0', 'ended'])
    expect(seen).toContain('failed: too many processes')
  })
})

describe('now', () => {
  it('publishes immediately, and the interval begins anew', async () => {
    const { clock, publishing, known, reports } = start()
    publishing.start()
    await clock.advance(600)
    known.counted = 7
    await publishing.now()
    expect(reports.map(({ fast }) => fast)).toEqual(['0', '7'])
    await clock.advance(999)
    expect(reports).toHaveLength(2)
    await clock.advance(1)
    expect(reports).toHaveLength(3)
  })

  it('follows the pending publish once for all callers, with what is true then', async () => {
    const { clock, line, publishing, known, reports } = start()
    line.way = { thereMs: 250, backMs: 250 }
    publishing.start()
    await clock.advance(100)
    const asked = [publishing.now(), publishing.now(), publishing.now()]
    known.counted = 9
    await clock.advance(400)
    expect(reports.map(({ fast }) => fast)).toEqual(['0', '9'])
    expect(await isOver(asked[2]!)).toBe(false)
    await clock.advance(500)
    await Promise.all(asked)
    expect(reports).toHaveLength(2)
  })

  it.each(['fails', 'hangs', 'mute'] as const)('resolves if the store %s', async (way) => {
    const { clock, line, publishing } = start()
    publishing.start()
    await clock.advance(0)
    line.way = way
    const asked = publishing.now()
    await clock.advance(TIMEOUT_MS)
    await asked
  })

  it('does nothing before the start', async () => {
    const { publishing, reports } = start()
    await publishing.now()
    await publishing.stop()
    expect(reports).toEqual([])
  })
})

describe('a failure', () => {
  it('is told each time; three in a row are silence, which is told once', async () => {
    const { clock, line, publishing, seen } = start()
    publishing.start()
    await clock.advance(500)
    line.way = 'fails'
    await clock.advance(2_000)
    expect(seen.slice(2)).toEqual(Array(2).fill('failed: connection refused'))
    await clock.advance(3_000)
    expect(seen.slice(2)).toEqual([
      ...Array(3).fill('failed: connection refused'),
      'silent',
      ...Array(2).fill('failed: connection refused'),
    ])
    line.way = 'open'
    await clock.advance(1_000)
    line.way = 'fails'
    await clock.advance(3_000)
    expect(seen.filter((line) => line === 'silent')).toHaveLength(2)
  })

  it('leaves the next report to carry everything', async () => {
    const { clock, line, publishing, known, reports, stored } = start()
    publishing.start()
    await clock.advance(0)
    line.way = 'hangs'
    known.counted = 40
    await clock.advance(10_000)
    line.way = 'open'
    await clock.advance(3_000)
    expect(await stored()).toEqual([{ id: 'one', seq: reports.at(-1)!.seq, fast: '40' }])
    expect(reports.map(({ seq }) => seq)).toEqual(reports.map((_, at) => at + 1))
  })

  it('is followed by a pause, also if the call has taken longer than the interval', async () => {
    const { clock, line, publishing, reports } = start()
    line.way = 'hangs'
    publishing.start()
    await clock.advance(8_999)
    expect(reports).toHaveLength(3)
    await clock.advance(1)
    expect(reports).toHaveLength(4)
  })

  it('of the own report does not end the publishing', async () => {
    let isBroken = true
    const report = () => {
      if (isBroken) throw new Error('no counts')
      return { ...VISIT, fast: '1' }
    }
    const { clock, publishing, seen } = start({ report })
    publishing.start()
    await clock.advance(0)
    expect(seen).toEqual(['failed: no counts'])
    isBroken = false
    await clock.advance(1_000)
    expect(seen.slice(1)).toEqual(['answer 2', 'lives 1'])
  })

  it('comes from an answer after the limit, which changes nothing', async () => {
    const { clock, store, line, publishing, seen } = start()
    await store.write({ expect: null, head: head('a.1') }, new AbortController().signal)
    line.way = { thereMs: 1_500, backMs: 1_500 }
    publishing.start()
    await clock.advance(2_900)
    line.way = 'hangs'
    await clock.advance(1_000)
    expect(seen).toEqual(['failed: no answer within 2000 ms'])
  })
})

describe('an answer in a wrong form', () => {
  const route = { ...VISIT, weight: 10, step: 1, active: true }
  it.each([
    ['nothing', undefined],
    ['a text', 'OK'],
    ['without a number of processes', {}],
    ['with a negative number of processes', { lives: -1 }],
    ['a head that is a text', { lives: 1, head: 'a.1' }],
    ['a head without a tag', { lives: 1, head: head('') }],
    ['a head of a newer form', { lives: 1, head: head('a.1', { wire: 2 }) }],
    ['a head without a split', { lives: 1, head: head('a.1', { route: undefined }) }],
    ['a head with a share of 250', { lives: 1, head: head('a.1', { route: { ...route, weight: 250 } }) }],
    ['a head with a share of NaN', { lives: 1, head: head('a.1', { route: { ...route, weight: Number.NaN } }) }],
    ['a head without a visit', { lives: 1, head: head('a.1', { route: { ...route, visit: undefined } }) }],
    ['a head without a revision', { lives: 1, head: head('a.1', { rev: null }) }],
    ['a head without a kill switch', { lives: 1, head: head('a.1', { switch: {} }) }],
  ])('is a failure: %s', async (_, answer) => {
    const { clock, publishing, seen } = answering(answer)
    publishing.start()
    await clock.advance(0)
    expect(seen).toEqual([expect.stringMatching(/^failed: \[(STORE_FAILED|INVALID_STATE)\] publish\(\) answered/)])
  })

  it('is none with a head of this form', async () => {
    const { clock, publishing, seen } = answering({ lives: 1, head: head('a.1') })
    publishing.start()
    await clock.advance(0)
    expect(seen).toEqual(['answer 1', 'lives 1', 'head a.1'])
  })
})

describe('stop', () => {
  it('sends a final report and nothing after it', async () => {
    const { clock, publishing, known, reports, stored } = start()
    publishing.start()
    await clock.advance(100)
    known.counted = 3
    await publishing.stop()
    await publishing.stop()
    await publishing.now()
    publishing.start()
    await clock.advance(60_000)
    expect(await stored()).toEqual([{ id: 'one', seq: 2, fast: '3' }])
    expect([reports.length, clock.pending]).toEqual([2, 0])
  })

  it('sends it after the pending publish, and drops what was to follow', async () => {
    const { clock, line, publishing, known, stored } = start()
    line.way = { thereMs: 400, backMs: 400 }
    publishing.start()
    await clock.advance(100)
    void publishing.now()
    const stopped = publishing.stop()
    known.counted = 8
    await clock.advance(1_500)
    await stopped
    expect(await stored()).toEqual([{ id: 'one', seq: 2, fast: '8' }])
    expect(line.mostPending).toBe(1)
  })

  it.each(['fails', 'hangs', 'mute'] as const)('resolves within the limit if the store %s', async (way) => {
    const { clock, line, publishing } = start()
    publishing.start()
    await clock.advance(999)
    line.way = way
    await clock.advance(1)
    const stopped = publishing.stop()
    await clock.advance(TIMEOUT_MS)
    expect(await isOver(stopped)).toBe(true)
    await clock.advance(10_000)
    expect(clock.pending).toBe(0)
  })
})
