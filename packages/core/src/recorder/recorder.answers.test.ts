import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CanaryError } from '../foundation/errors.js'
import { type Observation, OUTCOMES, type Outcome, VARIANTS, type Variant } from '../foundation/vocabulary.js'
import { type AnswerCounts, addAnswers, noAnswers } from '../summaries/answer-counts.js'
import { clusterOf } from '../summaries/clusters.js'
import { totalOf } from '../summaries/histogram.js'
import { createRecorder } from './recorder.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'

interface Asked {
  readonly variant?: Variant
  readonly startedAt?: number
  readonly step?: number
  readonly key?: string | undefined
}

const flight = ({ variant = 'canary', startedAt = 0, step = 1, key }: Asked = {}): FlightEntry => ({
  variant,
  startedAt,
  origin: { epoch: 1, step, reason: 'split' },
  ...(key === undefined ? {} : { key }),
  previous: null,
  next: null,
})

const ended = (at: number, outcome: Outcome, variant: Variant = 'canary'): Observation => ({
  variant,
  at,
  durationMs: at,
  outcome,
})

let errors: CanaryError[]
let recorder: Recorder

beforeEach(() => {
  errors = []
  recorder = createRecorder({ onInternalError: (error) => errors.push(error) })
  recorder.awaitAnswers({ overdueMs: 1_000, patienceMs: 200 })
  recorder.open({ epoch: 1, step: 1 }, 0)
})

const begin = (asked?: Asked): FlightEntry => {
  const entry = flight(asked)
  recorder.begin(entry)
  return entry
}

const sweep = (from: number, to: number) => {
  for (let at = from; at <= to; at += 250) recorder.sweep(at)
}

const counts = (window: 'step' | 'rollout' | { lastMs: number } = 'step', at = 5_000) =>
  recorder.read(window, at).canary.answers

describe('a decided call', () => {
  it('is counted once it is decided, in the step in which it began', () => {
    const [quick, hung] = [begin(), begin()]
    expect(counts()).toEqual(noAnswers)
    recorder.end(quick, ended(100, 'success'))
    expect(counts()).toEqual({ decided: 1, unanswered: 0, ended: 0, leftEarly: 0 })
    sweep(250, 1_250)
    expect(counts()).toEqual({ decided: 2, unanswered: 1, ended: 0, leftEarly: 0 })
    recorder.end(hung, ended(5_000, 'success'))
    expect(counts()).toEqual({ decided: 2, unanswered: 1, ended: 0, leftEarly: 0 })
    expect(recorder.read('step', 5_000).canary.outcomes.success).toBe(2)
    expect(recorder.answers('canary')).toEqual(counts())
  })

  it('counts as answered with its first output, and its end adds nothing', () => {
    const stream = begin()
    recorder.answered(stream, 100)
    recorder.answered(stream, 120)
    expect(counts().decided).toBe(1)
    sweep(250, 3_000)
    recorder.end(stream, ended(3_000, 'aborted'))
    expect(counts()).toEqual({ decided: 1, unanswered: 0, ended: 0, leftEarly: 0 })
  })

  it('counts once if it is overdue and then ends unanswered', () => {
    const hung = begin()
    sweep(250, 1_250)
    recorder.end(hung, ended(5_000, 'aborted'))
    expect(counts()).toEqual({ decided: 1, unanswered: 1, ended: 1, leftEarly: 0 })
  })

  it('does not count as evidence for the next step', () => {
    const hung = begin()
    recorder.open({ epoch: 1, step: 2 }, 500)
    sweep(750, 2_000)
    recorder.end(hung, ended(2_100, 'aborted'))
    expect(counts('step')).toEqual(noAnswers)
    expect(counts('rollout')).toEqual({ decided: 1, unanswered: 1, ended: 1, leftEarly: 0 })
  })

  it('is shown but not counted if its answer is unknown', () => {
    for (const outcome of ['rejected', 'ignored'] as const) recorder.end(begin(), ended(100, outcome))
    recorder.end(begin(), ended(199, 'aborted'))
    expect(counts()).toEqual({ decided: 0, unanswered: 0, ended: 0, leftEarly: 1 })
  })

  it('is decided by its outcome and its duration if it has no flight', () => {
    for (const outcome of OUTCOMES) recorder.record(ended(500, outcome))
    expect(counts()).toEqual({ decided: 4, unanswered: 2, ended: 2, leftEarly: 0 })
    recorder.record({ ...ended(500, 'aborted'), durationMs: 100 })
    recorder.record({ ...ended(500, 'aborted'), durationMs: Number.NaN })
    expect(counts('rollout')).toEqual({ decided: 4, unanswered: 2, ended: 2, leftEarly: 2 })
  })

  it('counts as an answered error if its outcome does not exist', () => {
    recorder.end(begin(), ended(500, 'broken' as Outcome))
    recorder.record(ended(500, 'broken' as Outcome))
    expect(counts()).toEqual({ decided: 2, unanswered: 0, ended: 0, leftEarly: 0 })
    expect(errors.map(({ code }) => code)).toEqual(['INVALID_OUTCOME', 'INVALID_OUTCOME'])
  })

  it('may be any value without an error for the caller', () => {
    const hostile = new Proxy(flight(), {
      get(target, name) {
        if (name === 'key' || name === 'socket' || name === 'isAnswered') throw new Error(`no ${name}`)
        return Reflect.get(target, name)
      },
    })
    recorder.begin(hostile)
    sweep(250, 500)
    expect(() => recorder.end(hostile, ended(600, 'timeout'))).not.toThrow()
    expect(counts()).toEqual({ decided: 1, unanswered: 1, ended: 1, leftEarly: 0 })
    expect(errors.map(({ code }) => code)).toContain('OBSERVER_FAILED')
  })
})

describe('how long the baseline’s callers waited', () => {
  const waits = () => totalOf(recorder.answerTimes())

  it('is measured for answers only, and to the first output of a stream', () => {
    const stream = begin({ variant: 'baseline' })
    recorder.answered(stream, 10)
    expect(waits()).toBe(1)
    recorder.end(stream, ended(9_000, 'success', 'baseline'))
    expect(waits()).toBe(1)
    for (const outcome of OUTCOMES) recorder.end(begin({ variant: 'baseline' }), ended(300, outcome, 'baseline'))
    expect(waits()).toBe(3)
    recorder.end(begin(), ended(300, 'success'))
    expect(waits()).toBe(3)
    const hung = begin({ variant: 'baseline' })
    sweep(250, 1_250)
    expect(recorder.answers('baseline').unanswered).toBe(3)
    recorder.end(hung, ended(3_000, 'success', 'baseline'))
    expect(waits()).toBe(3)
    expect(recorder.answerTimes().at(-1)![0]).toBeLessThan(1_000) // not the 9 s of the whole stream
  })
})

describe('clusters', () => {
  it('count the baseline’s decided and unanswered calls by key', () => {
    const ask = (key: string, outcome: Outcome, at: number) =>
      recorder.end(begin({ variant: 'baseline', key }), ended(at, outcome, 'baseline'))
    ask('ann', 'success', 100)
    ask('ann', 'timeout', 500)
    ask('ann', 'timeout', 600) // each timeout counts: the client of neither has left
    ask('bob', 'aborted', 100) // too early
    const hung = begin({ variant: 'baseline', key: 'cleo', startedAt: 600 })
    sweep(850, 1_850)
    recorder.end(hung, ended(9_000, 'aborted', 'baseline'))
    const { decided, unanswered } = recorder.clusters()!
    const of = (list: readonly number[] | undefined) => ['ann', 'bob', 'cleo'].map((key) => list![clusterOf(key)])
    expect([of(decided), of(unanswered)]).toEqual([
      [3, 0, 1],
      [2, 0, 1],
    ])
  })
})

it('counts every call once in the rollout and once in the last minute, and never more unanswered than decided', () => {
  const action = fc.oneof(
    fc.record({
      do: fc.constant('begin' as const),
      variant: fc.constantFrom(...VARIANTS),
      key: fc.constantFrom('a', 'b'),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ do: fc.constant('answer' as const), which: fc.nat(9) }),
    fc.record({ do: fc.constant('end' as const), which: fc.nat(9), outcome: fc.constantFrom(...OUTCOMES) }),
    fc.record({ do: fc.constant('step' as const) }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const recorder = createRecorder()
      recorder.awaitAnswers({ overdueMs: 1_000, patienceMs: 200 })
      recorder.open({ epoch: 1, step: 0 }, 0)
      const flights: FlightEntry[] = []
      let [now, step] = [0, 0]
      let before: AnswerCounts = noAnswers
      for (const each of actions) {
        if (each.do === 'begin') {
          const entry = flight({ variant: each.variant, key: each.key, startedAt: now, step })
          flights.push(entry)
          recorder.begin(entry)
        }
        if (each.do === 'pass') {
          now += each.ms
          recorder.sweep(now)
        }
        if (each.do === 'step') recorder.open({ epoch: 1, step: ++step }, now)
        const chosen = 'which' in each ? flights[each.which] : undefined
        if (each.do === 'answer' && chosen) recorder.answered(chosen, now)
        if (each.do === 'end' && chosen) recorder.end(chosen, ended(now, each.outcome, chosen.variant))
        const rollout = recorder.read('rollout', now)
        const recent = recorder.read({ lastMs: 60_000 }, now)
        const total = addAnswers(rollout.baseline.answers, rollout.canary.answers)
        expect(total.decided + total.leftEarly).toBeLessThanOrEqual(flights.length)
        expect(total.unanswered).toBeLessThanOrEqual(total.decided)
        expect(total.ended).toBeLessThanOrEqual(total.unanswered)
        for (const name of ['decided', 'unanswered', 'ended', 'leftEarly'] as const) {
          expect(total[name]).toBeGreaterThanOrEqual(before[name])
        }
        for (const variant of VARIANTS) {
          expect(recent[variant].answers).toEqual(rollout[variant].answers)
          expect(recorder.answers(variant).decided).toBeLessThanOrEqual(rollout[variant].answers.decided)
        }
        before = total
      }
    }),
  )
})
