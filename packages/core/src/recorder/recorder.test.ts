import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CanaryError } from '../foundation/errors.js'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import type { Observation, Outcome, Variant } from '../foundation/vocabulary.js'
import { binOf, sparseBinsOf, totalOf } from '../summaries/histogram.js'
import { SCORE_BIN_COUNT, scoreBinOf } from '../summaries/score-bins.js'
import type { StrataForm } from '../summaries/strata.js'
import { finishedOf } from '../summaries/summary.js'
import { createRecorder } from './recorder.js'
import type { FlightEntry, Origin, Recorder } from './recorder-contract.js'
import type { RecorderOptions } from './recorder-options.js'

const firstStep = { epoch: 1, step: 1 }
const split: Origin = { ...firstStep, reason: 'split' }

const call = (over: Partial<Observation> = {}): Observation => ({
  variant: 'canary',
  at: 1_000,
  durationMs: 10,
  outcome: 'success',
  ...over,
})

const flight = (origin: Origin = split, startedAt = 0, variant: Variant = 'canary'): FlightEntry => ({
  variant,
  startedAt,
  origin,
  previous: null,
  next: null,
})

let errors: CanaryError[]
let recorder: Recorder

beforeEach(() => {
  errors = []
  recorder = createRecorder({ onInternalError: (error) => errors.push(error) })
})

const finished = (window: 'step' | 'rollout' | { lastMs: number }, at = 1_000) =>
  finishedOf(recorder.read(window, at).canary)

describe('a window', () => {
  it('counts only requests assigned after it opened, separately from other steps', () => {
    recorder.open(firstStep, 0)
    const late = flight(split, 5)
    recorder.begin(late)
    recorder.record(call(), split)
    recorder.open({ epoch: 1, step: 2 }, 20)
    recorder.end(late, call())
    recorder.record(call(), split)
    recorder.record(call(), { ...split, step: 2, epoch: 2 })
    recorder.record(call(), { ...split, step: 2 })
    expect(finished('step')).toBe(1)
    expect(finished('rollout')).toBe(5)
    expect(recorder.read('step', 1_000).canary.begun).toBe(1)
  })

  it('does not count calls that began in an earlier visit to the same step', () => {
    recorder.open({ epoch: 1, step: 2 }, 0)
    const hung = flight({ ...split, step: 2 }, 5)
    recorder.begin(hung)
    recorder.open(firstStep, 10)
    recorder.open({ epoch: 1, step: 2 }, 20)
    expect(recorder.read('step', 30).canary.pendingBins).toEqual([])
    recorder.end(hung, call())
    expect(finished('step')).toBe(0)
  })

  it('contains only split requests as evidence', () => {
    recorder.open(firstStep, 0)
    for (const reason of ['override', 'no-key', 'disabled', 'strategy-error'] as const) {
      recorder.record(call(), { ...split, reason })
    }
    expect([finished('step'), finished('rollout'), finished({ lastMs: 10_000 })]).toEqual([0, 4, 4])
  })

  it('contains no calls of a heavy user, which count in the rollout and are told apart', () => {
    recorder = createRecorder()
    const fly = (origin: Origin, outcome: Outcome) => {
      const entry = flight(origin, 5, origin.reason === 'split' ? 'canary' : 'baseline')
      recorder.begin(entry)
      expect(recorder.read('step', 6).canary.begun).toBeLessThanOrEqual(6)
      recorder.end(entry, call({ variant: entry.variant, outcome }))
    }
    for (let at = 0; at < 5_000; at++) {
      fly({ epoch: 0, step: 0, reason: 'disabled', bucket: 1_000 + (at % 8_000) }, 'success')
    }
    recorder.open(firstStep, 0)
    for (let at = 0; at < 100; at++) fly({ ...split, bucket: 7 }, 'error')
    const { step, rollout } = { step: recorder.read('step', 10), rollout: recorder.read('rollout', 10) }
    const counted = step.canary.begun
    expect(counted).toBeLessThanOrEqual(6)
    expect(step.canary).toMatchObject({
      leftOut: 100 - counted,
      outcomes: { error: counted },
      answers: { decided: counted },
    })
    expect(rollout.canary).toMatchObject({ begun: 100, leftOut: 100 - counted, outcomes: { error: 100 } })
    expect(rollout.baseline).not.toHaveProperty('leftOut')
    recorder.open({ epoch: 1, step: 2 }, 20)
    expect(recorder.read('step', 30).canary).not.toHaveProperty('leftOut')
  })

  it('contains calls of unknown origin that began after it opened', () => {
    recorder.open(firstStep, 900)
    recorder.record(call({ at: 1_000, durationMs: 100 }))
    recorder.record(call({ at: 1_000, durationMs: 100.5 }))
    expect([finished('step'), finished('rollout')]).toEqual([1, 2])
  })

  it('contains no evidence before the first one opens, but everything is counted', () => {
    recorder.record(call())
    recorder.record(call(), { epoch: 0, step: 0, reason: 'split' })
    expect([finished('step'), finished('rollout'), finished({ lastMs: 60_000 })]).toEqual([0, 2, 2])
    expect(recorder.window).toEqual({ epoch: 0, step: 0, visit: 0 })
    recorder.open({ epoch: 0, step: 1 }, 0)
    recorder.record(call())
    expect(finished('step')).toBe(0)
  })

  it('keeps its counts if it is opened again', () => {
    recorder.open(firstStep, 0)
    recorder.record(call(), split)
    recorder.open({ ...firstStep }, 500)
    expect(finished('step')).toBe(1)
  })

  it('resets only the counts of the rollout with a new epoch', () => {
    recorder.open(firstStep, 0)
    recorder.record(call(), split)
    recorder.open({ epoch: 2, step: 1 }, 500)
    expect([finished('step'), finished('rollout'), finished({ lastMs: 10_000 })]).toEqual([0, 0, 1])
  })
})

describe('a flight', () => {
  it('is pending from its beginning to its end', () => {
    recorder.open(firstStep, 0)
    const entry = flight(split, 100)
    recorder.begin(entry)
    const { canary, baseline } = recorder.read('step', 102)
    expect([canary.begun, canary.pendingBins]).toEqual([1, [[binOf(2_000), 1]]])
    expect([baseline.begun, baseline.pendingBins]).toEqual([0, []])
    recorder.end(entry, call({ at: 103, durationMs: 3 }))
    expect(recorder.read('step', 103).canary).toMatchObject({ begun: 1, pendingBins: [], outcomes: { success: 1 } })
    expect(recorder.read({ lastMs: 10_000 }, 103).canary).toMatchObject({ begun: 1, outcomes: { success: 1 } })
  })

  it('is pending in the rollout only if it is not evidence', () => {
    recorder.open(firstStep, 0)
    recorder.begin(flight({ ...split, reason: 'override' }, 0))
    const pending = (['step', 'rollout', { lastMs: 1_000 }] as const).map((window) =>
      totalOf(recorder.read(window, 5).canary.pendingBins),
    )
    expect(pending).toEqual([0, 1, 1])
    expect([recorder.read('step', 5).canary.begun, recorder.read('rollout', 5).canary.begun]).toEqual([0, 1])
  })

  it('is recorded once, even if it ends twice', () => {
    recorder.open(firstStep, 0)
    const entry = flight()
    recorder.begin(entry)
    recorder.end(entry, call())
    recorder.end(entry, call({ outcome: 'aborted' }))
    expect(recorder.read('rollout', 0).canary.outcomes).toEqual({
      success: 1,
      error: 0,
      timeout: 0,
      aborted: 0,
      rejected: 0,
      ignored: 0,
    })
  })

  it('ends even if its fields cannot be read', () => {
    const entry = flight()
    recorder.begin(entry)
    recorder.end(entry, call({ outcome: 'great' as Outcome }))
    expect(recorder.read('rollout', 0).canary).toMatchObject({ begun: 1, pendingBins: [] })
  })
})

describe('what is counted', () => {
  const recorded = (over: Partial<Observation>) => {
    recorder.record(call(over))
    return recorder.read('rollout', 0).canary
  }

  it('of a success are its latency, class, score and business metrics', () => {
    const summary = recorded({ durationMs: 0.1, prediction: 'cat', score: 3, metrics: { price: 4, clicked: true } })
    expect(summary).toEqual({
      begun: 1,
      outcomes: { success: 1, error: 0, timeout: 0, aborted: 0, rejected: 0, ignored: 0 },
      answers: { decided: 1, unanswered: 0, ended: 0, leftEarly: 0 },
      rejections: { callers: 1, rejected: 0 },
      latencyUs: { count: 1, sum: 100, sumOfSquares: 10_000 },
      latencyBins: [[100, 1]],
      blockedUs: { count: 0, sum: 0, sumOfSquares: 0 },
      pendingBins: [],
      predictions: { labels: [['cat', 1]], other: 0 },
      score: { count: 1, sum: 3, sumOfSquares: 9 },
      scoreBins: [[scoreBinOf(3), 1]],
      metrics: [
        ['clicked', { count: 1, sum: 1, sumOfSquares: 1 }],
        ['price', { count: 1, sum: 4, sumOfSquares: 16 }],
      ],
    })
  })

  it.each(['error', 'timeout'] as const)('of an %s is its latency, without class and score', (outcome) => {
    expect(recorded({ outcome, prediction: 'cat', score: 1 })).toMatchObject({
      latencyUs: { count: 1 },
      predictions: { labels: [], other: 0 },
      score: { count: 0 },
    })
  })

  it('of an aborted call is neither latency nor class', () => {
    expect(recorded({ outcome: 'aborted', prediction: 'cat' })).toMatchObject({
      outcomes: { aborted: 1 },
      latencyUs: { count: 0 },
      latencyBins: [],
      predictions: { labels: [], other: 0 },
    })
  })

  it('may be numbers and booleans, which count by their text', () => {
    for (const prediction of [1, '1', true, 'true', -0, 0.5]) recorder.record(call({ prediction }))
    expect(recorder.read('rollout', 0).canary.predictions.labels).toEqual([
      ['0', 1],
      ['0.5', 1],
      ['1', 2],
      ['true', 2],
    ])
  })

  it('may have the names __proto__, constructor and other', () => {
    for (const prediction of ['other', '__proto__', 'constructor', '']) recorder.record(call({ prediction }))
    expect(recorder.read('rollout', 0).canary.predictions).toEqual({
      labels: [
        ['', 1],
        ['__proto__', 1],
        ['constructor', 1],
        ['other', 1],
      ],
      other: 0,
    })
  })
})

describe('classes beyond the bound', () => {
  it('are counted as other', () => {
    recorder = createRecorder({ maxLabels: 2 })
    for (const prediction of ['a', 'b', 'c', 'd', 'a']) recorder.record(call({ prediction }))
    expect(recorder.read('rollout', 0).canary.predictions).toEqual({
      labels: [
        ['a', 2],
        ['b', 1],
      ],
      other: 2,
    })
  })

  it('replace the rarer half when the next step opens', () => {
    recorder = createRecorder({ maxLabels: 4 })
    recorder.open(firstStep, 0)
    for (const prediction of ['a', 'b', 'c', 'd', 'a', 'c', 'late']) recorder.record(call({ prediction }), split)
    recorder.open({ epoch: 1, step: 2 }, 0)
    for (let i = 0; i < 9; i++) recorder.record(call({ prediction: 'late' }), { ...split, step: 2 })
    const rollout = {
      labels: [
        ['a', 2],
        ['c', 2],
        ['late', 9],
      ],
      other: 3,
    }
    expect(recorder.read('rollout', 1_000).canary.predictions).toEqual(rollout)
    expect(recorder.read({ lastMs: 60_000 }, 1_000).canary.predictions).toEqual(rollout)
    expect(recorder.read('step', 1_000).canary.predictions).toEqual({ labels: [['late', 9]], other: 0 })
  })

  it('change nothing while all classes have a place', () => {
    recorder = createRecorder({ maxLabels: 2 })
    for (const prediction of ['a', 'b']) recorder.record(call({ prediction }))
    recorder.open(firstStep, 0)
    recorder.record(call({ prediction: 'c' }), split)
    expect(recorder.read('step', 0).canary.predictions).toEqual({ labels: [], other: 1 })
  })
})

describe('bad input', () => {
  const bad = (over: object): Observation => ({
    ...call({ prediction: 'cat', score: 1, metrics: { price: 2 } }),
    ...over,
  })
  const codes = () => errors.map(({ code }) => code)

  it.each<[string, string, unknown]>([
    ['INVALID_VARIANT', 'an unknown variant', bad({ variant: 'v1' })],
    ['INVALID_VARIANT', 'a variant that objects inherit', bad({ variant: 'constructor' })],
    ['INVALID_VARIANT', 'null', null],
    ['INVALID_VARIANT', 'undefined', undefined],
    ['INVALID_VARIANT', 'a number', 7],
  ])('%s: %s counts nothing', (code, _, observation) => {
    recorder.record(observation as Observation)
    expect(codes()).toEqual([code])
    expect([recorder.read('rollout', 0).baseline.begun, recorder.read('rollout', 0).canary.begun]).toEqual([0, 0])
  })

  it.each(['ok', 'failed', undefined, 7])('INVALID_OUTCOME: %s is counted as an error', (outcome) => {
    recorder.record(bad({ outcome }))
    expect(codes()).toEqual(['INVALID_OUTCOME'])
    expect(recorder.read('rollout', 0).canary.outcomes).toMatchObject({ success: 0, error: 1 })
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, '5', null, undefined])(
    'INVALID_DURATION: of a call that took %s everything but the latency is counted',
    (durationMs) => {
      recorder.record(bad({ durationMs }))
      expect(codes()).toEqual(['INVALID_DURATION'])
      expect(recorder.read('rollout', 0).canary).toMatchObject({
        outcomes: { success: 1 },
        latencyUs: { count: 0, sum: 0 },
        latencyBins: [],
        predictions: { labels: [['cat', 1]] },
      })
    },
  )

  it.each([[{}], [[]], [null], [Number.NaN], [Number.POSITIVE_INFINITY], [Symbol('cat')], [10n]])(
    'INVALID_PREDICTION: %s is no class, the rest is counted',
    (prediction) => {
      recorder.record(bad({ prediction }))
      expect(codes()).toEqual(['INVALID_PREDICTION'])
      expect(recorder.read('rollout', 0).canary).toMatchObject({
        latencyUs: { count: 1 },
        predictions: { labels: [], other: 0 },
        score: { count: 1 },
      })
    },
  )

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 1e200, '1', null])(
    'INVALID_SCORE: %s is not counted as a score',
    (score) => {
      recorder.record(bad({ score }))
      expect(codes()).toEqual(['INVALID_SCORE'])
      expect(recorder.read('rollout', 0).canary).toMatchObject({
        predictions: { labels: [['cat', 1]] },
        score: { count: 0, sum: 0 },
        metrics: [['price', { count: 1 }]],
      })
    },
  )

  it('INVALID_METRIC: only the invalid value is left out', () => {
    recorder.record(bad({ metrics: { price: 2, clicked: 'yes', paid: Number.NaN, kept: false, unknown: undefined } }))
    expect(codes()).toEqual(['INVALID_METRIC', 'INVALID_METRIC'])
    expect(recorder.read('rollout', 0).canary.metrics.map(([name]) => name)).toEqual(['kept', 'price'])
  })

  it.each([[null], ['price'], [7]])('INVALID_METRIC: %j is not accepted as metrics', (metrics) => {
    recorder.record(bad({ metrics }))
    expect(codes()).toEqual(['INVALID_METRIC'])
    expect(recorder.read('rollout', 0).canary.outcomes.success).toBe(1)
  })

  it('without a time is counted at the time of the previous call', () => {
    recorder.record(call({ at: 5_000 }))
    recorder.record(bad({ at: Number.NaN }))
    expect(codes()).toEqual(['INVALID_DURATION'])
    expect(finished({ lastMs: 10_000 }, 5_000)).toBe(2)
  })

  it('keeps the readable fields if a getter throws', () => {
    const hostile = Object.defineProperty(bad({}), 'prediction', {
      get() {
        throw new Error('not for you')
      },
    })
    recorder.record(hostile)
    expect(codes()).toEqual(['INVALID_PREDICTION'])
    expect(recorder.read('rollout', 0).canary).toMatchObject({ latencyUs: { count: 1 }, score: { count: 1 } })
  })

  it('keeps the other metrics if a getter throws', () => {
    const metrics = Object.defineProperty({ price: 2 }, 'clicked', {
      enumerable: true,
      get() {
        throw new Error('not for you')
      },
    })
    recorder.record(bad({ metrics }))
    expect(codes()).toEqual(['INVALID_METRIC'])
    expect(recorder.read('rollout', 0).canary.metrics.map(([name]) => name)).toEqual(['price'])
  })

  it('survives a proxy whose traps all throw', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    recorder.record(proxy as Observation)
    recorder.record(bad({ metrics: proxy }))
    expect(codes()).toEqual(['INVALID_VARIANT', 'INVALID_METRIC'])
    expect(finished('rollout')).toBe(1)
  })

  it('is not mixed with a call that is recorded while it is read', () => {
    const metrics = Object.defineProperty({}, 'price', {
      enumerable: true,
      get() {
        recorder.record(call({ variant: 'baseline', outcome: 'error' }))
        return 2
      },
    })
    recorder.record(bad({ metrics, score: 2 }))
    const { baseline, canary } = recorder.read('rollout', 0)
    expect([baseline.outcomes.error, baseline.score.count]).toEqual([1, 0])
    expect([canary.outcomes.success, canary.score.sum]).toEqual([1, 2])
  })

  it('changes nothing if the listener throws', () => {
    recorder = createRecorder({
      onInternalError() {
        throw new Error('listener')
      },
    })
    recorder.record(bad({ score: Number.NaN }))
    expect(finished('rollout')).toBe(1)
  })

  it('does not end the process if the listener rejects', async () => {
    recorder = createRecorder({ onInternalError: () => Promise.reject(new Error('the tracker is down')) })
    expect(await unhandledIn(() => recorder.record(bad({ score: Number.NaN })))).toEqual([])
    expect(finished('rollout')).toBe(1)
  })

  it('is not followed if it is a flight with an unknown variant', () => {
    const stray = flight(split, 0, 'constructor' as Variant)
    recorder.begin(stray)
    recorder.end(stray, call())
    expect(codes()).toEqual(['INVALID_VARIANT'])
    expect(finished('rollout')).toBe(0)
  })
})

describe('business metrics', () => {
  it('beyond the limit are left out and reported once', () => {
    recorder = createRecorder({ maxMetrics: 2, metrics: ['paid'], onInternalError: (error) => errors.push(error) })
    for (let i = 0; i < 5; i++) recorder.record(call({ metrics: { [`junk-${i}`]: 1, paid: true } }))
    expect(recorder.read('rollout', 0).canary.metrics).toEqual([
      ['junk-0', { count: 1, sum: 1, sumOfSquares: 1 }],
      ['paid', { count: 5, sum: 5, sumOfSquares: 5 }],
    ])
    expect(errors.map(({ code }) => code)).toEqual(['INVALID_METRIC'])
  })

  it('may have the name __proto__', () => {
    recorder.record(call({ metrics: JSON.parse('{"__proto__":3,"constructor":4}') }))
    expect(recorder.read('rollout', 0).canary.metrics.map(([name, { sum }]) => [name, sum])).toEqual([
      ['__proto__', 3],
      ['constructor', 4],
    ])
  })
})

describe('the options of a recorder', () => {
  it.each<[string, object]>([
    ['UNKNOWN_OPTION', { slice: 6 }],
    ['INVALID_OPTION', { slices: 0 }],
    ['INVALID_OPTION', { sliceMs: Number.NaN }],
    ['INVALID_OPTION', { maxLabels: 1.5 }],
    ['INVALID_OPTION', { maxMetrics: -1 }],
    ['INVALID_OPTION', { metrics: 'clicked' }],
    ['INVALID_NAME', { metrics: ['__proto__'] }],
    ['INVALID_OPTION', { onInternalError: 'log' }],
  ])('%s: %j', (code, options) => {
    expect(() => createRecorder(options)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a second reading of the step', () => {
  const readTwice = (after: () => void) => {
    recorder.open(firstStep, 0)
    for (let i = 0; i < 100; i++) recorder.record(call({ durationMs: 1 + i }), split)
    const first = recorder.read('step', 1_000)
    after()
    return [first.canary.latencyBins, recorder.read('step', 1_000, first).canary.latencyBins] as const
  }

  it('copies only the bins that have changed', () => {
    const [first, second] = readTwice(() => recorder.record(call({ durationMs: 50 }), split))
    expect(second).toEqual(recorder.read('step', 1_000).canary.latencyBins)
    expect(second.filter((pair) => !first.includes(pair))).toEqual([[binOf(50_000), expect.any(Number)]])
  })

  it('has the counts of a step that opened in between', () => {
    const [first, second] = readTwice(() => recorder.open({ epoch: 1, step: 2 }, 2_000))
    expect(first).not.toEqual([])
    expect(second).toEqual([])
  })
})

describe('memory', () => {
  const windows = { windowMs: 15_000, onWindow: () => {} }
  it.each<[kib: number, what: string, RecorderOptions, longestMs: number, key?: string]>([
    [60.7, 'with the defaults', {}, 2 ** 30],
    [64.2, 'with windows of the baseline', windows, 2 ** 30],
    [63.3, 'with windows of the baseline, if no call takes longer than a minute', windows, 60_000],
    [69.4, 'with windows of the baseline and keys', windows, 2 ** 30, 'user'],
  ])('is at most %s KiB for each of the two versions %s, whatever is recorded', (kib, _, options, longestMs, key) => {
    recorder = createRecorder(options)
    recorder.open(firstStep, 0)
    for (let i = 0; i < 20_000; i++) {
      const entry = { ...flight(split, i, 'baseline'), key: key && `${key}-${i}` }
      const metrics = { [`metric-${i % 20}`]: i }
      const durationMs = Math.min(2 ** ((i % 3_000) / 100), longestMs)
      recorder.record(call({ at: i * 10, metrics }))
      recorder.begin(entry)
      recorder.end(entry, call({ variant: 'baseline', at: i * 10, durationMs, prediction: `${i}`.repeat(20), metrics }))
    }
    expect(recorder.byteLength).toBeLessThanOrEqual(2 * kib * 1_024)
    expect(recorder.clusters()?.predictions.length).toBe(key && 12)
    const { baseline } = recorder.read('rollout', 0)
    expect(baseline.latencyBins.length).toBeGreaterThan(1_000)
    const { labels, other } = baseline.predictions
    expect(labels.length).toBeLessThanOrEqual(50)
    expect(labels.every(([label]) => label.length <= 64)).toBe(true)
    expect(labels.reduce((sum, [, count]) => sum + count, other)).toBe(20_000)
  })

  it.each<[kib: number, RecorderOptions]>([
    [57.7, {}],
    [61, windows],
  ])('is at most %s KiB for each version without business metrics and keys', (kib, options) => {
    recorder = createRecorder(options)
    for (let at = 0; at < 60_000; at += 10) {
      recorder.record(call({ at, durationMs: at }))
      recorder.record(call({ variant: 'baseline', at, durationMs: 2 ** 30 }))
    }
    expect(recorder.byteLength).toBeLessThanOrEqual(2 * kib * 1_024)
  })

  it('grows with the longest duration of a call', () => {
    const bytesAfter = (durationMs: number): number => {
      recorder = createRecorder()
      for (let at = 0; at < 60_000; at += 10) recorder.record(call({ at, durationMs }))
      return recorder.byteLength
    }
    const [short, usual, long] = [bytesAfter(0.1), bytesAfter(100), bytesAfter(2 ** 30)]
    expect(usual - short).toBe(7 * 2_048) // a step and six slices, in steps of 1 KiB
    expect(long - short).toBe(7 * 4 * (1_601 - 256))
  })

  it('is at most 95 KiB more for each version with scores, from the first score on', () => {
    const bytesAfter = (scoreOf: (i: number) => number | undefined, calls = 10_000): number => {
      recorder = createRecorder()
      recorder.open(firstStep, 0)
      for (let i = 0; i < calls; i++) recorder.record(call({ variant: 'baseline', at: i * 10, score: scoreOf(i) }))
      return recorder.byteLength
    }
    const without = bytesAfter(() => undefined)
    const scored = bytesAfter((i) => 1.01 ** (i % 500))
    expect(scored).toBeGreaterThan(without)
    expect(scored).toBeLessThanOrEqual(without + 95 * 1_024)
    expect(bytesAfter(() => 0.5, 1)).toBeGreaterThan(bytesAfter(() => undefined, 1))
  })

  it('is at most 27 KiB more for each version with buckets: strata and heavy users', () => {
    recorder = createRecorder()
    const idle = { epoch: 0, step: 0, reason: 'disabled' } as const
    recorder.record(call({ variant: 'baseline' }), idle)
    const before = recorder.byteLength
    const entry = flight({ ...idle, bucket: 7 }, 0, 'baseline')
    recorder.begin(entry)
    recorder.end(entry, call({ variant: 'baseline' }))
    expect(recorder.byteLength).toBeGreaterThan(before)
    expect(recorder.byteLength).toBeLessThanOrEqual(before + 2 * 27 * 1_024)
  })

  it('is at most 9 KiB more for each version with strata, and 1 KiB more for each metric in them', () => {
    const withStrata = (form: StrataForm): number => {
      recorder = createRecorder({ metrics: form.metrics })
      const idle = { epoch: 0, step: 0, reason: 'disabled' } as const
      recorder.record(call({ variant: 'baseline' }), idle)
      const before = recorder.byteLength
      recorder.cutStrata(form)
      expect(recorder.byteLength).toBe(before)
      recorder.record(call({ variant: 'baseline' }), { ...idle, bucket: 7 })
      return recorder.byteLength - before
    }
    const form = { capMs: 900, tailBins: [700, 800], classes: ['a'], metrics: [] }
    const plain = withStrata(form)
    expect(plain).toBeGreaterThan(0)
    expect(plain).toBeLessThanOrEqual(2 * 9_216)
    const scoreEdges = Array.from({ length: 9 }, (_, edge) => edge)
    expect(withStrata({ ...form, scoreEdges }) - plain).toBe(10 * 100 * 4) // only with scoreShift
    expect(withStrata({ ...form, metrics: ['x', 'y', 'z'] }) - plain).toBeLessThanOrEqual(3 * 2 * 1_024)
  })
})

describe('properties', () => {
  const observations = fc.array(
    fc.record(
      {
        variant: fc.constantFrom('baseline', 'canary'),
        gap: fc.nat(3_000),
        durationMs: fc.nat(100_000),
        outcome: fc.constantFrom('success', 'error', 'timeout', 'aborted'),
        prediction: fc.constantFrom('a', 'b', '__proto__'),
        score: fc.integer({ min: -100, max: 100 }),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 60 },
  )

  it('every window equals a model that keeps all observations', () => {
    fc.assert(
      fc.property(observations, fc.nat(59), (calls, opensAfter) => {
        recorder = createRecorder({ sliceMs: 1_000 })
        let at = 0
        const kept = calls.map(({ gap, ...rest }, index) => {
          if (index === opensAfter) recorder.open(firstStep, at)
          at += gap
          const observation: Observation = { ...rest, at }
          recorder.record(observation)
          return observation
        })
        const openedAt = kept[opensAfter - 1]?.at ?? 0
        const inStep = kept.filter((one, i) => i >= opensAfter && one.at - one.durationMs >= openedAt)
        const slice = (time: number) => Math.floor(time / 1_000)
        expectEqual('step', inStep, at)
        expectEqual(
          { lastMs: 6_000 },
          kept.filter((one) => slice(one.at) > slice(at) - 6),
          at,
        )
        expectEqual('rollout', calls.length > opensAfter ? kept.slice(opensAfter) : kept, at)
      }),
    )
  })

  function expectEqual(window: Parameters<Recorder['read']>[0], kept: readonly Observation[], at: number): void {
    const summaries = recorder.read(window, at)
    for (const variant of ['baseline', 'canary'] as const) {
      const mine = kept.filter((one) => one.variant === variant)
      const [timed, good] = [
        mine.filter(({ outcome }) => outcome === 'success' || outcome === 'error' || outcome === 'timeout'),
        mine.filter((one) => one.outcome === 'success'),
      ]
      const bins = new Uint32Array(1_601)
      for (const { durationMs } of timed) bins[binOf(durationMs * 1_000)]! += 1
      const scored = new Uint32Array(SCORE_BIN_COUNT)
      for (const { score } of good) scored[scoreBinOf(score!)]! += 1
      const scoreBins = sparseBinsOf(scored)
      const count = (outcome: Outcome) => mine.filter((one) => one.outcome === outcome).length
      expect(summaries[variant]).toEqual({
        begun: mine.length,
        outcomes: {
          success: count('success'),
          error: count('error'),
          timeout: count('timeout'),
          aborted: count('aborted'),
          rejected: count('rejected'),
          ignored: count('ignored'),
        },
        answers: {
          decided: timed.length, // without a past nobody who left is evidence
          unanswered: count('timeout'),
          ended: count('timeout'),
          leftEarly: count('aborted'),
        },
        rejections: { callers: timed.length + count('rejected'), rejected: count('rejected') },
        latencyUs: momentsOf(timed.map(({ durationMs }) => durationMs * 1_000)),
        latencyBins: sparseBinsOf(bins),
        blockedUs: momentsOf([]),
        pendingBins: [],
        predictions: {
          labels: ['__proto__', 'a', 'b']
            .map((label) => [label, good.filter((one) => one.prediction === label).length])
            .filter(([, times]) => times !== 0),
          other: 0,
        },
        score: momentsOf(good.map(({ score }) => score!)),
        ...(scoreBins.length > 0 && { scoreBins }),
        metrics: [],
      })
    }
  }

  function momentsOf(values: readonly number[]) {
    const sum = values.reduce((total, value) => total + value, 0)
    return { count: values.length, sum, sumOfSquares: values.reduce((total, value) => total + value * value, 0) }
  }
})
