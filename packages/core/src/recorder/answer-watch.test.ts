import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { OUTCOMES, type Outcome } from '../foundation/vocabulary.js'
import { type AnswerWatch, type AwaitedCall, createAnswerWatch } from './answer-watch.js'
import { createStalls, type Stalls } from './stalls.js'

const call = (over: Partial<AwaitedCall> = {}): AwaitedCall => ({
  variant: 'canary',
  startedAt: 0,
  stalledBefore: 0,
  previous: null,
  next: null,
  ...over,
})

let stalls: Stalls
let watch: AnswerWatch<AwaitedCall>

beforeEach(() => {
  stalls = createStalls(250)
  stalls.resume({ startedAt: 0 })
  watch = createAnswerWatch(stalls)
  watch.lines = { overdueMs: 1_000, patienceMs: 200 }
})

/** What sweeps from `from` to `to` say of a call, one every 250 ms. */
const sweep = (entry: AwaitedCall, from: number, to: number): boolean[] => {
  const said: boolean[] = []
  for (let at = from; at <= to; at += 250) {
    stalls.pulse(at)
    said.push(watch.isOverdue(entry))
    watch.sweep(at)
  }
  return said
}

/** A call that took so long, in milliseconds. */
const lasting = (durationMs: number) => ({ startedAt: 1_000, at: 1_000 + durationMs })

describe('the end of a call', () => {
  it.each<[Outcome, string]>([
    ['success', 'answered'],
    ['error', 'answered'],
    ['timeout', 'ended-unanswered'],
    ['aborted', 'ended-unanswered'],
    ['rejected', 'none'],
    ['ignored', 'none'],
  ])('with %s says %s', (outcome, event) => {
    expect(watch.ended(call(), outcome, { at: 500 })).toBe(event)
    expect(watch.reported(outcome, lasting(500))).toBe(event)
  })

  it('returns no event if the caller already has the first output, for any outcome', () => {
    for (const outcome of OUTCOMES) {
      const entry = call()
      expect(watch.answered(entry)).toBe('answered')
      expect(watch.answered(entry)).toBe('none')
      expect(watch.ended(entry, outcome, { at: 500 })).toBe('none')
    }
  })

  it('does not count if the client left before most answers come', () => {
    expect(watch.ended(call(), 'aborted', { at: 199 })).toBe('left-early')
    expect(watch.ended(call(), 'aborted', { at: 200 })).toBe('ended-unanswered')
    expect([watch.reported('aborted', lasting(199)), watch.reported('aborted', lasting(200))]).toEqual([
      'left-early',
      'ended-unanswered',
    ])
    expect(watch.ended(call(), 'timeout', { at: 1 })).toBe('ended-unanswered')
  })

  it('does not count if the usual time of answers or the wait of the client is unknown', () => {
    expect(watch.reported('aborted', lasting(Number.NaN))).toBe('left-early')
    watch.lines = { overdueMs: 10_000, patienceMs: null }
    expect(watch.ended(call(), 'aborted', { at: 9_999 })).toBe('left-early')
    expect(watch.reported('aborted', lasting(9_999))).toBe('left-early')
  })

  it('counts as answered if the headers were sent, and as unanswered if an error came before', () => {
    const sent = (isAnswered: boolean) => call({ isAnswered: () => isAnswered })
    expect(watch.ended(sent(true), 'aborted', { at: 5_000 })).toBe('answered')
    expect(watch.ended(sent(true), 'timeout', { at: 5_000 })).toBe('answered')
    expect(watch.ended(sent(false), 'error', { at: 5_000 })).toBe('ended-unanswered')
    expect(watch.ended(sent(false), 'rejected', { at: 5_000 })).toBe('none')
  })

  it('does not count if the stream was not read', () => {
    expect(watch.ended(call({ parkedAt: 100 }), 'aborted', { at: 5_000 })).toBe('none')
    expect(watch.ended(call({ parkedAt: 100 }), 'success', { at: 5_000 })).toBe('answered')
  })

  it('does not include time in which no output was requested', () => {
    expect(watch.ended(call({ parkedMs: 101 }), 'aborted', { at: 300 })).toBe('left-early')
    expect(watch.ended(call({ parkedMs: 100 }), 'aborted', { at: 300 })).toBe('ended-unanswered')
  })
})

describe('departures', () => {
  const gone = (over: Partial<AwaitedCall>, at = 500) => watch.ended(call(over), 'aborted', { at })

  it('of one key or one socket within a second count once', () => {
    const socket = {}
    expect(['ann', 'ann', 'bob'].map((key) => gone({ key }))).toEqual(['ended-unanswered', 'none', 'ended-unanswered'])
    expect([gone({ socket }), gone({ socket })]).toEqual(['ended-unanswered', 'none'])
    expect(gone({ key: 'ann' }, 1_500)).toBe('ended-unanswered')
  })

  it('of callers without a key and a socket count separately', () => {
    expect([gone({}), gone({}), gone({ key: '' }), gone({ key: '' })]).toEqual(
      Array.from({ length: 4 }, () => 'ended-unanswered'),
    )
  })

  it('do not affect answers, which count separately', () => {
    expect(
      ['success', 'success', 'error'].map((outcome) =>
        watch.ended(call({ key: 'ann' }), outcome as Outcome, { at: 1 }),
      ),
    ).toEqual(['answered', 'answered', 'answered'])
  })
})

describe('an open call', () => {
  it('becomes overdue once, if it was past the limit at the end of the previous sweep', () => {
    expect(sweep(call(), 250, 2_000)).toEqual([false, false, false, false, true, false, false, false])
  })

  it('does not become overdue before the event loop has turned', () => {
    stalls.pulse(250)
    watch.sweep(999.9)
    expect(watch.isOverdue(call())).toBe(false)
    watch.sweep(1_000)
    expect(watch.isOverdue(call())).toBe(true)
  })

  it('stays unanswered once it is overdue, and returns an event only if it ends without an answer', () => {
    const told = OUTCOMES.map((outcome) => {
      const entry = call()
      sweep(entry, 250, 1_250)
      return [outcome, watch.ended(entry, outcome, { at: 5_000 })]
    })
    expect(Object.fromEntries(told)).toEqual({
      success: 'none',
      error: 'none',
      timeout: 'ended-overdue',
      aborted: 'ended-overdue',
      rejected: 'none',
      ignored: 'none',
    })
  })

  it('counts as late and not as lost if it is answered after it became overdue', () => {
    const entry = call()
    sweep(entry, 250, 1_250)
    expect(watch.answered(entry)).toBe('none')
    expect(watch.ended(entry, 'aborted', { at: 5_000 })).toBe('none')
  })

  it('does not become overdue while it is parked, or if its headers were sent', () => {
    expect(sweep(call({ parkedAt: 0 }), 250, 5_000)).not.toContain(true)
    expect(sweep(call({ isAnswered: () => true }), 5_250, 10_000)).not.toContain(true)
    expect(sweep(call({ startedAt: 10_000, isAnswered: () => false }), 10_250, 12_000)).toContain(true)
  })

  it('does not age while the process is stopped', () => {
    const entry = call()
    expect(sweep(entry, 250, 500)).not.toContain(true)
    expect(sweep(entry, 60_500, 60_500)).toEqual([false])
    expect(watch.ageMs(entry, 60_500)).toBe(750)
    expect(sweep(entry, 60_750, 61_000)).toEqual([false, true])
  })

  it('has a shorter wait if it left after a stall', () => {
    sweep(call(), 250, 500)
    expect(watch.ended(call({ startedAt: 400 }), 'aborted', { at: 60_500 })).toBe('ended-unanswered')
    watch.lines = { overdueMs: 1_000, patienceMs: 400 }
    expect(watch.ended(call({ startedAt: 400 }), 'aborted', { at: 60_500 })).toBe('left-early')
  })

  it('never has a negative age, even if the clock goes backwards', () => {
    expect(watch.ageMs(call({ startedAt: 5_000 }), 1_000)).toBe(0)
    expect(watch.ageMs(call({ parkedMs: 5_000 }), 1_000)).toBe(0)
  })
})

it('survives a call whose own functions throw, and reports the error', () => {
  const causes: unknown[] = []
  watch = createAnswerWatch(stalls, (cause) => causes.push(cause))
  watch.lines = { overdueMs: 1_000, patienceMs: 200 }
  const isAnswered = () => {
    throw new Error('no response')
  }
  expect(watch.ended(call({ isAnswered }), 'error', { at: 500 })).toBe('answered')
  expect(watch.ended(call({ isAnswered }), 'timeout', { at: 500 })).toBe('ended-unanswered')
  expect(sweep(call({ isAnswered }), 250, 1_250)).toContain(true)
  expect(causes.length).toBeGreaterThan(2)
  const hostile = Object.defineProperty(call(), 'key', {
    get() {
      throw new Error('no key')
    },
  })
  expect(watch.ended(hostile, 'timeout', { at: 500 })).toBe('ended-unanswered')
})

it('decides each call at most once, and returns an overdue end only for decided calls', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 2_000 }) }),
    fc.record({ kind: fc.constant('answered' as const) }),
    fc.record({ kind: fc.constant('park' as const), isParked: fc.boolean() }),
  )
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      fc.constantFrom(...OUTCOMES),
      fc.boolean(),
      (steps, outcome, has) => {
        const stalls = createStalls(250)
        stalls.resume({ startedAt: 0 })
        const watch = createAnswerWatch<AwaitedCall>(stalls)
        watch.lines = { overdueMs: 1_000, patienceMs: has ? 200 : null }
        const entry = call()
        const events: string[] = []
        let now = 0
        for (const each of steps) {
          if (each.kind === 'answered') events.push(watch.answered(entry))
          if (each.kind === 'park') entry.parkedAt = each.isParked ? now : undefined
          if (each.kind !== 'pass') continue
          now += each.ms
          stalls.pulse(now)
          if (watch.isOverdue(entry)) events.push('overdue')
          watch.sweep(now)
        }
        events.push(watch.ended(entry, outcome, { at: now }))
        const decided = events.filter((event) => ['answered', 'overdue', 'ended-unanswered'].includes(event))
        expect(decided.length).toBeLessThanOrEqual(1)
        if (events.includes('ended-overdue')) expect(decided).toEqual(['overdue'])
        if (events.includes('left-early')) expect(decided).toEqual([])
      },
    ),
  )
})
