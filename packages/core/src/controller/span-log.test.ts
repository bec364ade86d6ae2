import { describe, expect, it } from 'vitest'
import { counted } from '../rollout/rollout.fixture.js'
import type { Place } from '../rollout/span.js'
import { createSpanLog, type SpanLog } from './span-log.js'

const STAY: Place = { epoch: 1, visit: 1, step: 1, weight: 10, versions: { baseline: 'v1', canary: 'v2' } }

const logAt = (begunAt: number, areShared = false) => createSpanLog({ begunAt, areShared, thinned: (spans) => spans })

const servedUpTo = (at: number, requests: number) => ({ at, counts: counted(requests) })

const shownBy = ({ spans }: SpanLog) => spans.map(({ from, to, canary }) => [from, to, canary.requests])

describe('the log of spans', () => {
  it('has what was served since the span before', () => {
    const log = logAt(1_000)
    log.add(STAY, servedUpTo(2_000, 30))
    expect(log.preview(STAY, servedUpTo(2_500, 40))).toMatchObject({ from: 2_000, to: 2_500, canary: { requests: 10 } })
    log.add(STAY, servedUpTo(3_000, 50))
    expect(shownBy(log)).toEqual([
      [1_000, 2_000, 30],
      [2_000, 3_000, 20],
    ])
  })

  it('counts nothing of counts that have fallen, and goes on from there', () => {
    const log = logAt(0)
    log.add(STAY, servedUpTo(1_000, 30))
    log.add(STAY, servedUpTo(2_000, 20))
    log.add(STAY, servedUpTo(3_000, 25))
    expect(shownBy(log)).toEqual([
      [0, 1_000, 30],
      [2_000, 3_000, 5],
    ])
  })

  it('never goes back in time with a clock that is put back', () => {
    const log = logAt(5_000)
    log.add(STAY, servedUpTo(9_000, 10))
    log.add(STAY, servedUpTo(7_000, 20))
    log.add(STAY, servedUpTo(10_000, 30))
    expect(shownBy(log)).toEqual([
      [5_000, 9_000, 10],
      [9_000, 9_000, 10],
      [9_000, 10_000, 10],
    ])
  })

  it('begins another stay with counts of zero', () => {
    const log = logAt(0)
    log.add(STAY, servedUpTo(1_000, 30))
    log.add({ ...STAY, visit: 2 }, servedUpTo(2_000, 20))
    expect(shownBy(log).map(([, , requests]) => requests)).toEqual([30, 20])
  })

  it('takes stored spans for what was counted already, where the counts go on in another process', () => {
    const [before, after, alone] = [logAt(0, true), logAt(0, true), logAt(0)]
    before.add(STAY, servedUpTo(1_000, 30))
    before.add(STAY, servedUpTo(2_000, 40))
    for (const log of [after, alone]) {
      log.adopt(before.spans)
      log.add(STAY, servedUpTo(3_000, 45))
    }
    expect(shownBy(after).at(-1)).toEqual([2_000, 3_000, 5])
    expect(shownBy(alone).at(-1)).toEqual([2_000, 3_000, 45])
  })

  it('keeps what it has added since the stored spans ended', () => {
    const log = logAt(1_000)
    log.add(STAY, servedUpTo(2_000, 30))
    const stored = logAt(0)
    stored.add(STAY, servedUpTo(1_000, 7))
    log.adopt(stored.spans)
    expect(shownBy(log)).toEqual([
      [0, 1_000, 7],
      [1_000, 2_000, 30],
    ])
  })
})
