import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CanaryError } from '../foundation/errors.js'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import type { Observation, Outcome } from '../foundation/vocabulary.js'
import { scoreBinOf } from '../summaries/score-bins.js'
import { finishedOf, mergeSummaries, type Summary } from '../summaries/summary.js'
import { createRecorder } from './recorder.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'
import type { RecorderOptions } from './recorder-options.js'

let errors: CanaryError[]
let ended: Summary[]
let recorder: Recorder

function record(options: RecorderOptions = {}): void {
  errors = []
  ended = []
  recorder = createRecorder({
    windowMs: 1_000,
    onWindow: (window) => ended.push(window),
    onInternalError: (error) => errors.push(error),
    ...options,
  })
}

beforeEach(() => record())

const call = (at: number, over: Partial<Observation> = {}): Observation => ({
  variant: 'baseline',
  at,
  durationMs: 10,
  outcome: 'success',
  ...over,
})

const flight = (startedAt: number): FlightEntry => ({
  variant: 'baseline',
  startedAt,
  origin: { epoch: 1, step: 1, reason: 'split' },
  previous: null,
  next: null,
})

const counts = () => ended.map(finishedOf)

describe('a window of the baseline', () => {
  it('ends with the first observation at or after its end, which counts in the next window', () => {
    for (const at of [100, 500, 999.9]) recorder.record(call(at))
    expect(counts()).toEqual([])
    recorder.record(call(1_000))
    expect(counts()).toEqual([3])
    recorder.record(call(1_999))
    recorder.record(call(2_000))
    expect(counts()).toEqual([3, 2])
  })

  it('contains everything in a summary except pending flights', () => {
    recorder.begin(flight(0))
    recorder.record(call(10, { durationMs: 0.1, prediction: 'cat', score: 3, metrics: { price: 4 } }))
    recorder.record(call(20, { outcome: 'aborted' }))
    recorder.record(call(1_000, { prediction: 'dog', score: 5, metrics: { tokens: 1 } }))
    expect(ended).toEqual([
      {
        begun: 3,
        outcomes: { success: 1, error: 0, timeout: 0, aborted: 1, rejected: 0, ignored: 0 },
        latencyUs: { count: 1, sum: 100, sumOfSquares: 10_000 },
        answers: { decided: 1, unanswered: 0, ended: 0, leftEarly: 1 },
        rejections: { callers: 1, rejected: 0 },
        latencyBins: [[100, 1]],
        blockedUs: { count: 0, sum: 0, sumOfSquares: 0 },
        pendingBins: [],
        predictions: { labels: [['cat', 1]], other: 0 },
        score: { count: 1, sum: 3, sumOfSquares: 9 },
        scoreBins: [[scoreBinOf(3), 1]],
        metrics: [['price', { count: 1, sum: 4, sumOfSquares: 16 }]],
      },
    ])
  })

  it('begins at a multiple of its length, and an idle time has no windows', () => {
    recorder.record(call(400))
    recorder.record(call(86_400_700)) // a day later
    expect(counts()).toEqual([1])
    recorder.record(call(86_400_999))
    recorder.record(call(86_401_000))
    expect(counts()).toEqual([1, 2])
  })

  it('ignores the canary', () => {
    recorder.record(call(0))
    recorder.record(call(500, { variant: 'canary' }))
    recorder.record(call(5_000, { variant: 'canary' }))
    expect(counts()).toEqual([])
    recorder.record(call(5_000))
    expect(counts()).toEqual([1])
  })

  it('contains all calls, evidence or not, before, during and after a rollout', () => {
    recorder.record(call(0))
    recorder.open({ epoch: 1, step: 1 }, 100)
    recorder.record(call(200), { epoch: 1, step: 1, reason: 'split' })
    recorder.record(call(300), { epoch: 1, step: 1, reason: 'override' })
    recorder.open({ epoch: 1, step: 2 }, 400)
    recorder.record(call(500), { epoch: 1, step: 1, reason: 'split' })
    recorder.record(call(1_000))
    expect(counts()).toEqual([4])
  })

  it('contains a flight that ends in it', () => {
    recorder.open({ epoch: 1, step: 1 }, 0)
    const [quick, slow] = [flight(0), flight(1)]
    recorder.begin(quick)
    recorder.begin(slow)
    recorder.end(quick, call(500))
    recorder.end(slow, call(1_500))
    recorder.record(call(2_000))
    expect(ended.map(({ begun, outcomes }) => [begun, outcomes.success])).toEqual([
      [2, 1],
      [0, 1],
    ])
  })

  it('contains a late observation that arrives while it is open', () => {
    for (const at of [100, 1_100, 900, 2_000]) recorder.record(call(at))
    expect(counts()).toEqual([1, 2])
  })

  it('works with a clock that begins below zero', () => {
    for (const at of [-1_500, -1_001, -1_000, -1, 0]) recorder.record(call(at))
    expect(counts()).toEqual([2, 2])
  })
})

describe('an epoch that begins in the middle of a window', () => {
  const split = (epoch: number) => ({ epoch, step: 1, reason: 'split' as const })

  it('removes nothing from the window', () => {
    recorder.record(call(100, { score: 1 }))
    recorder.open({ epoch: 1, step: 1 }, 200)
    recorder.record(call(300, { score: 2 }), split(1))
    recorder.open({ epoch: 2, step: 1 }, 400)
    recorder.record(call(500, { score: 4 }), split(2))
    recorder.record(call(1_000, { score: 8 }), split(2))
    recorder.record(call(2_000), split(2))
    expect(ended.map(({ score }) => score)).toEqual([
      { count: 3, sum: 7, sumOfSquares: 21 },
      { count: 1, sum: 8, sumOfSquares: 64 },
    ])
    expect(recorder.read('rollout', 2_000).baseline.outcomes.success).toBe(3)
  })

  it('adds nothing of earlier windows to it', () => {
    for (const at of [100, 200, 300, 1_100]) recorder.record(call(at))
    recorder.open({ epoch: 1, step: 1 }, 1_200)
    recorder.record(call(2_000))
    expect(counts()).toEqual([3, 1])
  })

  it('leaves exact sums if its counts are all that is known of the baseline', () => {
    for (const score of [0.1, 0.2, 0.3]) recorder.record(call(0, { score, metrics: { price: score } }))
    recorder.record(call(1_000))
    recorder.open({ epoch: 1, step: 1 }, 1_100)
    recorder.record(call(1_200), split(1))
    recorder.record(call(2_000), split(1))
    expect(ended[1]).toMatchObject({ score: { count: 0, sum: 0, sumOfSquares: 0 }, metrics: [] })
  })
})

describe('labels that change their places', () => {
  it('are counted in the open window by their slots at its end', () => {
    record({ maxLabels: 4 })
    for (const prediction of ['a', 'a', 'b', 'b', 'c', 'd']) recorder.record(call(0, { prediction }))
    for (const prediction of ['d', 'a', 'late']) recorder.record(call(1_000, { prediction }))
    recorder.open({ epoch: 1, step: 1 }, 1_500) // leaves "a" and "b"
    for (const prediction of ['late', 'b']) recorder.record(call(1_600, { prediction }))
    recorder.record(call(2_000))
    expect(ended[1]!.predictions).toEqual({
      labels: [
        ['a', 1],
        ['b', 1],
        ['late', 1],
      ],
      other: 2,
    })
  })
})

describe('whoever is told of a window', () => {
  it('may throw, which is reported and changes nothing else', () => {
    const cause = new Error('learner')
    record({
      onWindow() {
        throw cause
      },
    })
    recorder.record(call(0))
    recorder.record(call(1_000))
    recorder.record(call(2_000))
    expect(errors.map((error) => [error.code, error.cause])).toEqual([
      ['OBSERVER_FAILED', cause],
      ['OBSERVER_FAILED', cause],
    ])
    expect(recorder.read('rollout', 2_000).baseline.outcomes.success).toBe(3)
  })

  it('may reject: the error is reported, and does not end the process', async () => {
    const cause = new Error('learner')
    record({ onWindow: () => Promise.reject(cause) })
    const unhandled = await unhandledIn(() => {
      for (const at of [0, 1_000]) recorder.record(call(at))
    })
    expect(unhandled).toEqual([])
    expect(errors.map((error) => [error.code, error.cause])).toEqual([['OBSERVER_FAILED', cause]])
  })

  it('may throw even if the listener for errors throws as well', () => {
    const fail = () => {
      throw new Error('no')
    }
    record({ onWindow: fail, onInternalError: fail })
    for (const at of [0, 1_000]) recorder.record(call(at))
    expect(recorder.read('rollout', 1_000).baseline.outcomes.success).toBe(2)
  })

  it('may record and open a step, after the observation that ended the window was counted', () => {
    const seen: number[] = []
    let rollout: Summary | undefined
    record({
      onWindow(window) {
        seen.push(finishedOf(window))
        if (seen.length > 1) return
        recorder.record(call(1_500, { outcome: 'error' }))
        rollout = recorder.read('rollout', 1_500).baseline
        recorder.open({ epoch: 1, step: 1 }, 1_500)
      },
    })
    recorder.record(call(0))
    recorder.record(call(1_000, { score: 7 }))
    recorder.record(call(2_000))
    expect(seen).toEqual([1, 2])
    expect(rollout).toMatchObject({ outcomes: { success: 2, error: 1 }, score: { count: 1, sum: 7 } })
  })
})

describe('properties', () => {
  const moves = fc.array(
    fc.record(
      {
        kind: fc.constantFrom('record', 'record', 'record', 'record', 'epoch', 'step'),
        variant: fc.constantFrom('baseline', 'baseline', 'canary'),
        gap: fc.oneof(fc.nat(300), fc.nat(5_000)),
        durationMs: fc.nat(2_000),
        outcome: fc.constantFrom<Outcome>('success', 'error', 'timeout', 'aborted'),
        prediction: fc.constantFrom('a', 'b', '__proto__'),
        score: fc.integer({ min: -100, max: 100 }),
        metrics: fc.constantFrom({}, { price: 2 }, { price: 3, paid: true }),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 80 },
  )

  it('each window equals the summary of its own observations', () => {
    fc.assert(
      fc.property(moves, (all) => {
        record()
        const groups = new Map<number, Observation[]>()
        let [at, epoch, step] = [0, 0, 0]
        for (const { kind, gap, ...rest } of [...all, ...closing]) {
          at += gap
          if (kind === 'epoch') recorder.open({ epoch: ++epoch, step: (step = 1) }, at)
          else if (kind === 'step') recorder.open({ epoch, step: ++step }, at)
          else {
            const observation: Observation = { ...rest, at }
            recorder.record(observation)
            const number = Math.floor(at / 1_000)
            if (rest.variant === 'baseline') groups.set(number, [...(groups.get(number) ?? []), observation])
          }
        }
        const alone = [...groups.values()].map((observations) => {
          const model = createRecorder()
          for (const observation of observations) model.record(observation)
          return model.read('rollout', at).baseline
        })
        expect(ended).toEqual(alone.slice(0, -1)) // the last window is open
        expect(finishedOf(ended.reduce(mergeSummaries))).toBe(
          [...groups.values()].flat().length - [...groups.values()].at(-1)!.length,
        )
      }),
    )
  })

  /** Two observations that end whatever is open, each a window of its own. */
  const closing = [0, 1].map(() => ({ ...call(0), kind: 'record' as const, gap: 2_000 }))
})

describe('the options of the windows', () => {
  const onWindow = () => {}

  it.each<[string, object]>([
    ['a length alone', { windowMs: 1_000 }],
    ['a function alone', { onWindow }],
    ['no length', { windowMs: 0, onWindow }],
    ['a length that is no number', { windowMs: '1000', onWindow }],
    ['a length without end', { windowMs: Number.POSITIVE_INFINITY, onWindow }],
    ['a function that is none', { windowMs: 1_000, onWindow: 'log' }],
  ])('INVALID_OPTION: %s', (_, options) => {
    expect(() => createRecorder(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('may both be missing or undefined', () => {
    createRecorder({ windowMs: undefined, onWindow: undefined }).record(call(0))
  })
})
