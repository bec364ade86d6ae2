import { manualClock } from '@model-canary/testing'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CanaryError } from '../foundation/errors.js'
import type { Observation, Variant } from '../foundation/vocabulary.js'
import { createRouter } from '../routing/router.js'
import { createFlights } from '../serving/flights.js'
import { always } from '../serving/stage.fixture.js'
import { CLUSTER_COUNT, clusterOf } from '../summaries/clusters.js'
import { createRecorder } from './recorder.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'

let errors: CanaryError[]
let recorder: Recorder

beforeEach(() => {
  errors = []
  recorder = createRecorder({ onInternalError: (error) => errors.push(error) })
})

const entryOf = (key: string | undefined, variant: Variant): FlightEntry => ({
  variant,
  startedAt: 0,
  origin: { epoch: 1, step: 1, reason: 'split' },
  key,
  previous: null,
  next: null,
})

/** A flight from its beginning to its end. */
function fly(key: string | undefined, { variant = 'baseline', ...over }: Partial<Observation> = {}): void {
  const entry = entryOf(key, variant)
  recorder.begin(entry)
  recorder.end(entry, { variant, at: 1_000, durationMs: 10, outcome: 'success', ...over })
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
const at = (key: string, value: number) =>
  Array.from({ length: CLUSTER_COUNT }, (_, cluster) => (cluster === clusterOf(key) ? value : 0))

/** What was predicted, whatever the cluster. */
const predictions = () => {
  const { predictions: rows, predicted } = recorder.clusters()!
  return { labels: rows.map(([label, counts]) => [label, total(counts)]), all: total(predicted) }
}

describe('the clusters', () => {
  it('are unknown until a baseline flight with a key has finished', () => {
    recorder.begin(entryOf('ann', 'baseline'))
    fly('ann', { variant: 'canary' })
    fly(undefined)
    fly('')
    recorder.record({ variant: 'baseline', at: 0, durationMs: 1, outcome: 'success' })
    expect(recorder.clusters()).toBeNull()
    fly('ann', { outcome: 'aborted' })
    expect(recorder.clusters()).toMatchObject({ finished: at('ann', 1), aborted: at('ann', 1), answered: at('ann', 0) })
  })

  it('count outcomes, durations and classes in the cluster of the key', () => {
    fly('ann', { durationMs: 10.5, prediction: 'cat' })
    fly('ann', { durationMs: 20, prediction: 'cat' })
    fly('ann', { durationMs: 1, outcome: 'error', prediction: 'cat' })
    fly('ann', { durationMs: 500, outcome: 'timeout' })
    fly('ann', { durationMs: 7_000, outcome: 'aborted' })
    expect(recorder.clusters()).toEqual({
      finished: at('ann', 5),
      answered: at('ann', 4),
      errors: at('ann', 2),
      timeouts: at('ann', 1),
      aborted: at('ann', 1),
      decided: at('ann', 4),
      unanswered: at('ann', 1),
      latencyMs: at('ann', 531.5),
      predictions: [['cat', at('ann', 2)]],
      predicted: at('ann', 2),
    })
  })

  it('continue through steps and epochs', () => {
    fly('ann')
    recorder.open({ epoch: 1, step: 1 }, 0)
    fly('ann')
    recorder.open({ epoch: 2, step: 1 }, 5)
    fly('bob')
    expect(total(recorder.clusters()!.finished)).toBe(3)
    expect(recorder.read('rollout', 5).baseline.outcomes.success).toBe(1)
  })

  it('count a flight once, even if it ends twice', () => {
    const entry = entryOf('ann', 'baseline')
    recorder.begin(entry)
    for (let end = 0; end < 3; end++) {
      recorder.end(entry, { variant: 'baseline', at: 9, durationMs: 9, outcome: 'error' })
    }
    expect(recorder.clusters()?.errors).toEqual(at('ann', 1))
  })

  it('count a call with an invalid duration, without its duration', () => {
    fly('ann', { durationMs: Number.NaN })
    expect(recorder.clusters()).toMatchObject({ answered: at('ann', 1), latencyMs: at('ann', 0) })
  })

  it('return a copy that does not change', () => {
    fly('ann', { prediction: 'cat' })
    const before = recorder.clusters()
    const text = JSON.stringify(before)
    fly('ann', { prediction: 'cat' })
    expect(JSON.stringify(before)).toBe(text)
  })
})

describe('a key', () => {
  it('is ignored if it is not a string', () => {
    for (const key of [7, null, {}, ['ann']]) fly(key as unknown as string)
    expect(recorder.clusters()).toBeNull()
    expect(errors).toEqual([])
  })

  it('is reported if it cannot be read, and the call still counts', () => {
    const entry = Object.defineProperty(entryOf('ann', 'baseline'), 'key', {
      get() {
        throw new Error('not for you')
      },
    })
    recorder.begin(entry)
    recorder.end(entry, { variant: 'baseline', at: 9, durationMs: 9, outcome: 'success' })
    expect(errors.map(({ code }) => code)).toEqual(['KEY_FAILED'])
    expect(recorder.read('rollout', 9).baseline).toMatchObject({ outcomes: { success: 1 }, pendingBins: [] })
    expect(recorder.clusters()).toBeNull()
  })

  it('is taken from the request of the flight', () => {
    const router = createRouter({ versions: { baseline: 'v1', canary: 'v2' }, strategy: always('baseline'), weight: 5 })
    const begin = createFlights({ router, recorder, clock: manualClock(), onEnd: () => {}, observer: undefined })
    begin({ key: 'ann' }).end()
    begin({ key: { id: 7 } as never }).end()
    begin({}).end()
    begin().end()
    expect(recorder.clusters()?.finished).toEqual(at('ann', 1))
    expect(recorder.read('rollout', 0).baseline.outcomes.success).toBe(4)
  })
})

describe('the classes of the clusters', () => {
  it('are the first twelve, sorted; later ones count without a name', () => {
    for (let label = 29; label >= 10; label--) {
      fly('ann', { prediction: label })
      fly('bob', { prediction: label })
    }
    const first = ['18', '19', '20', '21', '22', '23', '24', '25', '26', '27', '28', '29']
    expect(predictions()).toEqual({ labels: first.map((label) => [label, 2]), all: 40 })
  })

  it('may have the names __proto__ and constructor', () => {
    for (const prediction of ['constructor', '__proto__']) fly('ann', { prediction })
    expect(recorder.clusters()!.predictions).toEqual([
      ['__proto__', at('ann', 1)],
      ['constructor', at('ann', 1)],
    ])
  })

  it('keep their rows if labels change their slots', () => {
    recorder = createRecorder({ maxLabels: 4 })
    for (const prediction of ['rare', 'a', 'a', 'b', 'b', 'z']) fly('ann', { prediction })
    fly('ann', { prediction: 'late' }) // the fifth: "other"
    recorder.open({ epoch: 1, step: 1 }, 0) // leaves "a" and "b"
    for (const prediction of ['z', 'rare', 'a']) fly('ann', { prediction })
    const labels = [
      ['a', 3],
      ['b', 2],
      ['rare', 2],
      ['z', 2],
    ]
    expect(predictions()).toEqual({ labels, all: 10 })
  })

  it('get no row if they may have been counted as other before', () => {
    recorder = createRecorder({ maxLabels: 2 })
    for (const prediction of ['a', 'a', 'b', 'late']) fly('ann', { prediction })
    recorder.open({ epoch: 1, step: 1 }, 0)
    fly('ann', { prediction: 'late' })
    const labels = [
      ['a', 2],
      ['b', 1],
    ]
    expect(recorder.read('step', 0).baseline.predictions.other).toBe(0)
    expect(predictions()).toEqual({ labels, all: 5 })
  })
})

describe('properties', () => {
  const flights = fc.array(
    fc.record(
      {
        variant: fc.constantFrom('baseline', 'canary'),
        key: fc.constantFrom('ann', 'bob', 'cyd', 'dee', '', undefined),
        durationMs: fc.nat(1_000),
        outcome: fc.constantFrom('success', 'error', 'timeout', 'aborted'),
        prediction: fc.constantFrom('a', '__proto__', 3, undefined),
        step: fc.nat(20),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 60 },
  )

  it('add up to the counts of the baseline’s flights with a key', () => {
    fc.assert(
      fc.property(flights, (all) => {
        recorder = createRecorder()
        for (const { key, step, ...rest } of all) {
          if (step < 3) recorder.open({ epoch: step, step: 1 }, 0)
          fly(key, rest)
        }
        const mine = all.filter(({ key, variant }) => key && variant === 'baseline')
        const clusters = recorder.clusters()
        expect(clusters === null).toBe(mine.length === 0)
        if (clusters === null) return
        const count = (...outcomes: string[]) => mine.filter(({ outcome }) => outcomes.includes(outcome)).length
        const answered = mine.filter(({ outcome }) => outcome !== 'aborted')
        const good = mine.filter(({ outcome, prediction }) => outcome === 'success' && prediction !== undefined)
        expect(total(clusters.finished)).toBe(mine.length)
        expect(total(clusters.answered)).toBe(answered.length)
        expect(total(clusters.errors)).toBe(count('error', 'timeout'))
        expect(total(clusters.timeouts)).toBe(count('timeout'))
        expect(total(clusters.aborted)).toBe(count('aborted'))
        expect(total(clusters.latencyMs)).toBe(total(answered.map(({ durationMs }) => durationMs)))
        expect(total(clusters.predicted)).toBe(good.length)
        expect(clusters.predictions.map(([label, counts]) => [label, total(counts)])).toEqual(
          ['3', '__proto__', 'a']
            .map((label) => [label, good.filter(({ prediction }) => `${prediction}` === label).length])
            .filter(([, times]) => times !== 0),
        )
      }),
    )
  })
})
