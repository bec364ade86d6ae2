import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Observation, Variant } from '../foundation/vocabulary.js'
import { binOf } from '../summaries/histogram.js'
import { scoreBinOf } from '../summaries/score-bins.js'
import { isStrata, plainForm, STRATUM_COUNT, type StrataForm } from '../summaries/strata.js'
import { createRecorder } from './recorder.js'
import type { FlightEntry, Origin, Recorder } from './recorder-contract.js'

let recorder: Recorder

beforeEach(() => {
  recorder = createRecorder({ metrics: ['paid', 'clicked'] })
})

const idle = (bucket: number | undefined): Origin => ({ epoch: 0, step: 0, reason: 'disabled', bucket })

const entryOf = (origin: Origin, variant: Variant, key?: string): FlightEntry => ({
  variant,
  startedAt: 0,
  origin,
  key,
  previous: null,
  next: null,
})

/** A flight from its beginning to its end. */
function fly(
  origin: Origin,
  { variant = 'baseline', key, ...over }: Partial<Observation> & { readonly key?: string } = {},
): void {
  const entry = entryOf(origin, variant, key)
  recorder.begin(entry)
  recorder.end(entry, { variant, at: 1_000, durationMs: 10, outcome: 'success', ...over })
}

/** A value in one stratum, and 0 in all others. */
const at = (stratum: number, value: number) =>
  Array.from({ length: STRATUM_COUNT }, (_, place) => (place === stratum ? value : 0))

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

const form: StrataForm = {
  capMs: 300,
  tailBins: [binOf(400_000), binOf(100_000)],
  classes: ['cat', 'dog'],
  metrics: ['paid'],
}

describe('the strata', () => {
  it('count the calls with a bucket that the baseline served alone, and no others', () => {
    fly(idle(undefined))
    fly({ epoch: 1, step: 1, reason: 'split', bucket: 700 })
    fly({ epoch: 1, step: 1, reason: 'override', bucket: 700 })
    fly(idle(700), { variant: 'canary' })
    recorder.record({ variant: 'baseline', at: 9, durationMs: 9, outcome: 'success' })
    expect(recorder.strata()).toBeNull()
    fly(idle(799))
    fly(idle(700), { outcome: 'error' })
    recorder.record({ variant: 'baseline', at: 9, durationMs: 9, outcome: 'aborted' }, idle(750))
    expect(recorder.strata()).toMatchObject({ finished: at(7, 3), answered: at(7, 2), errors: at(7, 1) })
  })

  it('count the calls that a promoted canary served alone, apart from those of the baseline', () => {
    const promoted = { epoch: 1, step: 4, reason: 'split', weight: 100, bucket: 700 } as const
    fly({ ...promoted, weight: 90 }, { variant: 'canary' })
    fly({ ...promoted, reason: 'override' }, { variant: 'canary' })
    fly({ ...promoted, bucket: undefined }, { variant: 'canary' })
    fly(promoted) // the baseline answered in its place
    expect(recorder.strata('canary')).toBeNull()
    recorder.cutStrata(form, 'canary')
    fly(promoted, { variant: 'canary', key: 'ann', outcome: 'error' })
    fly(promoted, { variant: 'canary', key: 'bob', metrics: { paid: 2 } })
    recorder.record({ variant: 'canary', at: 9, durationMs: 9, outcome: 'aborted' }, promoted)
    recorder.open({ epoch: 1, step: 4 }, 0)
    recorder.track({ paid: 3 }, 'canary', promoted, 9)
    expect(recorder.strata('canary')).toMatchObject({
      ...{ form: { metrics: ['paid'] }, finished: at(7, 3), answered: at(7, 2), errors: at(7, 1), decided: at(7, 2) },
      callers: at(7, 0), // a caller counts once in a round
      metrics: [['paid', [at(7, 2), at(7, 5)]]],
    })
    expect(recorder.strata()).toBeNull()
    expect(recorder.cutStrata(form, 'canary')?.finished).toEqual(at(7, 3))
    expect(recorder.strata('canary')).toBeNull()
  })

  it('count the answer of a call that is pending, for each version apart', () => {
    const promoted = { epoch: 1, step: 4, reason: 'split', weight: 100, bucket: 700 } as const
    for (const [variant, origin] of [
      ['baseline', idle(700)],
      ['canary', promoted],
    ] as const) {
      const entry = entryOf(origin, variant)
      recorder.begin(entry)
      recorder.answered(entry, 10)
      expect(recorder.strata(variant)).toMatchObject({ decided: at(7, 1), finished: at(7, 0) })
    }
  })

  it.each([
    [0, 0],
    [99, 0],
    [100, 1],
    [9_999, 99],
  ])('have the bucket %i in the stratum %i', (bucket, stratum) => {
    fly(idle(bucket))
    expect(recorder.strata()?.finished).toEqual(at(stratum, 1))
  })

  it.each([-1, 10_000, Number.NaN, '7', null, {}])('ignore %o, which is not a bucket', (bucket) => {
    fly(idle(bucket as number))
    recorder.track({ paid: 1 }, 'baseline', idle(bucket as number), 9)
    expect(recorder.strata()).toBeNull()
  })

  it('have the outcomes, durations and answers of a call', () => {
    fly(idle(700), { durationMs: 10.5 })
    fly(idle(700), { durationMs: 20, outcome: 'error' })
    fly(idle(700), { durationMs: 500, outcome: 'timeout' })
    fly(idle(700), { durationMs: 7_000, outcome: 'aborted' })
    expect(recorder.strata()).toMatchObject({
      form: plainForm,
      finished: at(7, 4),
      answered: at(7, 3),
      errors: at(7, 2),
      timeouts: at(7, 1),
      aborted: at(7, 1),
      decided: at(7, 3),
      unanswered: at(7, 1),
      latencyMs: at(7, 530.5),
    })
  })

  it('count a call that becomes overdue while it is pending, once', () => {
    const entry = entryOf(idle(700), 'baseline')
    recorder.begin(entry)
    recorder.awaitAnswers({ overdueMs: 1_000, patienceMs: null })
    for (const now of [500, 1_000, 1_250, 1_500, 1_750]) recorder.sweep(now)
    expect(recorder.strata()).toMatchObject({ decided: at(7, 1), unanswered: at(7, 1), finished: at(7, 0) })
    recorder.end(entry, { variant: 'baseline', at: 2_000, durationMs: 2_000, outcome: 'success' })
    expect(recorder.strata()).toMatchObject({ decided: at(7, 1), unanswered: at(7, 1), finished: at(7, 1) })
  })

  it('count a caller once for accepted and once for rejected calls', () => {
    for (const key of ['ann', 'ann', 'bob']) fly(idle(700), { key })
    for (const key of ['ann', 'ann']) fly(idle(700), { key, outcome: 'rejected' })
    const { rejections } = recorder.read('rollout', 0).baseline
    expect(rejections).toEqual({ callers: 3, rejected: 1 })
    expect(recorder.strata()).toMatchObject({ callers: at(7, 3), rejected: at(7, 1), finished: at(7, 3) })
  })
})

describe('the form of strata', () => {
  it('decides on the cap, the tails, the classes and the metrics', () => {
    recorder.cutStrata(form)
    fly(idle(700), { durationMs: 50, prediction: 'cat', score: 0.5, metrics: { paid: 12.5, clicked: 1 } })
    fly(idle(700), { durationMs: 200, prediction: 'eel', score: -2 })
    fly(idle(700), { durationMs: 5_000, prediction: 'cat', metrics: { paid: -2.5 } })
    expect(recorder.strata()).toMatchObject({
      form: { ...form, tailBins: [binOf(100_000), binOf(400_000)] },
      latencyMs: at(7, 50 + 200 + 300),
      beyond: [
        [binOf(100_000), at(7, 2)],
        [binOf(400_000), at(7, 1)],
      ],
      predictions: [
        ['cat', at(7, 2)],
        ['dog', at(7, 0)],
      ],
      predicted: at(7, 3),
      score: [at(7, 2), at(7, -1.5)],
      metrics: [['paid', [at(7, 2), at(7, 10)]]],
    })
  })

  it('counts a latency in a tail from the lower end of its bin on', () => {
    recorder.cutStrata({ ...form, tailBins: [binOf(100_000)] })
    fly(idle(700), { durationMs: 98 })
    fly(idle(700), { durationMs: 100 })
    expect(recorder.strata()?.beyond).toEqual([[binOf(100_000), at(7, 1)]])
  })

  it('counts scores by class, from the lower end of its first bin on', () => {
    fly(idle(700), { score: 0.5 })
    expect(recorder.strata()).not.toHaveProperty('scoreClasses')
    const scoreEdges = [scoreBinOf(0.25), scoreBinOf(0.75)]
    recorder.cutStrata({ ...form, scoreEdges })
    for (const score of [-1, 0.2, 0.25, 0.5, 0.75]) fly(idle(700), { score })
    fly(idle(800), { score: 9 })
    fly(idle(800))
    const both = at(7, 1).map((count, place) => count + at(8, 1)[place]!)
    expect(recorder.strata()).toMatchObject({ form: { scoreEdges }, scoreClasses: [at(7, 2), at(7, 2), both] })
    expect(isStrata(recorder.strata())).toBe(true)
  })

  it('keeps twelve classes', () => {
    const classes = Array.from({ length: 20 }, (_, label) => `c${label + 10}`)
    recorder.cutStrata({ ...form, classes })
    for (const prediction of classes) fly(idle(700), { prediction })
    const strata = recorder.strata()!
    expect(strata.form.classes).toEqual(classes.slice(0, 12))
    expect(strata.predictions).toEqual(classes.slice(0, 12).map((label) => [label, at(7, 1)]))
    expect(strata.predicted).toEqual(at(7, 20))
  })

  it('keeps its classes if labels change their slots', () => {
    recorder = createRecorder({ maxLabels: 4 })
    recorder.cutStrata({ ...form, classes: ['z', 'a'] })
    for (const prediction of ['rare', 'a', 'a', 'b', 'b', 'z', 'late']) fly(idle(700), { prediction })
    recorder.open({ epoch: 1, step: 1 }, 0) // leaves "a" and "b"
    for (const prediction of ['z', 'rare', 'a']) fly(idle(700), { prediction })
    expect(recorder.strata()?.predictions).toEqual([
      ['a', at(7, 3)],
      ['z', at(7, 2)],
    ])
  })

  it('counts metrics that become known later, where the call was counted', () => {
    recorder.cutStrata(form)
    recorder.track({ paid: 3, clicked: true }, 'baseline', idle(1_200), 9)
    recorder.track({ paid: 5 }, 'canary', idle(1_200), 9)
    recorder.track({ paid: 7 }, 'baseline', { ...idle(1_200), reason: 'split' }, 9)
    recorder.track({ paid: 9 }, 'baseline', { ...idle(1_200), epoch: 4 }, 9)
    expect(recorder.strata()).toMatchObject({ metrics: [['paid', [at(12, 1), at(12, 3)]]], finished: at(12, 0) })
  })

  it('counts nothing for a metric without a slot', () => {
    recorder = createRecorder({ maxMetrics: 1, metrics: ['clicked'] })
    recorder.cutStrata(form)
    fly(idle(700), { metrics: { paid: 1, clicked: 1 } })
    expect(recorder.strata()?.metrics).toEqual([['paid', [at(7, 0), at(7, 0)]]])
  })
})

describe('a cut', () => {
  it('returns what was counted by the old form, and begins anew with the new one', () => {
    fly(idle(700))
    expect(recorder.cutStrata(form)).toMatchObject({ form: plainForm, finished: at(7, 1) })
    expect(recorder.strata()).toBeNull()
    fly(idle(800))
    expect(recorder.cutStrata(plainForm)).toMatchObject({ form: { capMs: 300 }, finished: at(8, 1) })
    expect(recorder.cutStrata(form)).toBeNull()
  })

  it('is the only thing that resets the strata', () => {
    fly(idle(700))
    recorder.open({ epoch: 1, step: 1 }, 0)
    recorder.open({ epoch: 2, step: 1 }, 5)
    fly({ ...idle(700), epoch: 2 })
    expect(recorder.strata()?.finished).toEqual(at(7, 2))
    expect(recorder.clusters()).toBeNull() // these flights had no key
  })

  it('returns counts that do not change', () => {
    recorder.cutStrata(form)
    fly(idle(700))
    const text = JSON.stringify(recorder.strata())
    const read = recorder.strata()
    fly(idle(700))
    expect(JSON.stringify(read)).toBe(text)
  })
})

describe('properties', () => {
  const flights = fc.array(
    fc.record(
      {
        variant: fc.constantFrom('baseline', 'canary'),
        bucket: fc.option(fc.nat(9_999), { nil: undefined }),
        reason: fc.constantFrom('disabled', 'split', 'no-key'),
        durationMs: fc.nat(1_000),
        outcome: fc.constantFrom('success', 'error', 'timeout', 'aborted', 'rejected', 'ignored'),
        prediction: fc.constantFrom('cat', '__proto__', 3, undefined),
        score: fc.option(fc.integer(), { nil: undefined }),
        paid: fc.integer(),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 60 },
  )

  it('the strata add up to the counts of the calls that belong in them, and can be stored', () => {
    fc.assert(
      fc.property(flights, (all) => {
        recorder = createRecorder({ metrics: ['paid'] })
        const sum = createRecorder({ metrics: ['paid'] })
        recorder.cutStrata(form)
        for (const { bucket, reason, paid, ...rest } of all) {
          fly({ ...idle(bucket), reason }, { ...rest, metrics: { paid } })
          const isMine = bucket !== undefined && reason === 'disabled' && rest.variant === 'baseline'
          if (isMine) sum.record({ at: 1_000, metrics: { paid }, ...rest })
        }
        const strata = recorder.strata()
        const { baseline } = sum.read('rollout', 0)
        expect(strata === null).toBe(baseline.begun === 0)
        if (strata === null) return
        const { outcomes, score, predictions, latencyUs } = baseline
        expect(isStrata(JSON.parse(JSON.stringify(strata)))).toBe(true)
        expect(total(strata.answered)).toBe(outcomes.success + outcomes.error + outcomes.timeout)
        expect(total(strata.finished)).toBe(total(strata.answered) + outcomes.aborted)
        expect(total(strata.errors)).toBe(outcomes.error + outcomes.timeout)
        expect(strata.score.map(total)).toEqual([score.count, score.sum])
        expect(total(strata.predicted)).toBe(predictions.labels.reduce((all, [, count]) => all + count, 0))
        expect(total(strata.latencyMs)).toBeLessThanOrEqual(latencyUs.sum / 1_000)
        const paid = baseline.metrics[0]![1]
        expect(strata.metrics[0]![1].map(total)).toEqual([paid.count, paid.sum])
      }),
    )
  })
})
