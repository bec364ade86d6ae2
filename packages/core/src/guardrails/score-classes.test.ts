import { describe, expect, it } from 'vitest'
import { mergeBins, type SparseBins } from '../summaries/histogram.js'
import { scoreBinLow, scoreBinOf } from '../summaries/score-bins.js'
import { arm } from './arm.fixture.js'
import { scoreShift, scoreShiftKind } from './kinds/score-shift.js'
import { edgesOf, variationOfShift } from './score-classes.js'

/** Evenly spread scores from 0 to 1. */
const even = Array.from({ length: 1_000 }, (_, at) => (at + 0.5) / 1_000)
const binsOf = (scores: readonly number[]): SparseBins =>
  scores.reduce<SparseBins>((bins, score) => mergeBins(bins, [[scoreBinOf(score), 1]]), [])
const thresholdsOf = (scores: readonly number[], options = {}) =>
  scoreShiftKind.thresholdsOf(scoreShift({ margin: 0.05, ...options }), arm({ scores }))

describe('the scores by user', () => {
  const guardrail = scoreShift({ margin: 0.05 })
  const [, total] = scoreShiftKind.hypothesesOf(guardrail, { classes: { edges: [40, 60], margin: 0.1 } })
  const none = [0, 0]
  const counts = {
    ...{ finished: none, answered: none, errors: none, timeouts: none, aborted: none, latencyMs: none },
    ...{ predictions: [], predicted: none, score: [[9, 8], none] as const },
    form: { capMs: null, tailBins: [], classes: [], metrics: [], scoreEdges: [40, 60] },
    scoreClasses: [
      [4, 1],
      [3, 2],
      [2, 5],
    ],
  }
  const middle = total?.classes?.byUser?.[1]

  it('are those of each class, and of the lower half, of all scores', () => {
    expect(total?.classes?.ids).toHaveLength(3)
    expect(middle?.sumsOf(counts)).toEqual([counts.score[0], [3, 2]])
    expect(total?.statistic.byUser?.sumsOf(counts)).toEqual([counts.score[0], [7, 3]])
    expect(middle?.needs).toEqual({ scoreEdges: [40, 60] })
  })

  it('cannot be had from counts with other classes, nor from those without', () => {
    const otherForm = (scoreEdges: readonly number[]) => ({ ...counts, form: { ...counts.form, scoreEdges } })
    expect(middle?.sumsOf(otherForm([40, 61]))).toBeUndefined()
    expect(middle?.sumsOf(otherForm([40]))).toBeUndefined()
    const { scoreClasses: _, ...without } = counts
    expect(middle?.sumsOf(without)).toBeUndefined()
  })
})

describe('the classes of the scores', () => {
  it('are tenths, as far as the bins tell', () => {
    const edges = edgesOf(binsOf(even)).map(scoreBinLow)
    expect(edges).toHaveLength(9)
    edges.forEach((edge, at) => {
      expect(Math.abs(edge - (at + 1) / 10)).toBeLessThan(0.02)
    })
  })

  it('are fewer where many scores are alike', () => {
    const scores = [...Array.from({ length: 500 }, () => 0), ...even.slice(0, 500)]
    expect(edgesOf(binsOf(scores))).toHaveLength(5)
    expect(edgesOf(binsOf([0.5, 0.5, 0.5]))).toEqual([])
  })

  it('are taken once 100 scores are known', () => {
    expect(thresholdsOf(even.slice(0, 99))).toEqual({})
    expect(thresholdsOf(even)?.classes).toMatchObject({ margin: 0.1 })
    expect(thresholdsOf(even, { totalMargin: false })).toEqual({})
  })

  it('cannot be taken from sums alone, nor from scores that are in one bin', () => {
    const guardrail = scoreShift({ margin: 1 })
    const alone = arm({ score: { count: 1_000, sum: 500, sumOfSquares: 300 } })
    expect(scoreShiftKind.thresholdsOf(guardrail, alone)).toEqual({ classes: 'unknown' })
    const alike = thresholdsOf(even.map((score) => 1_000 + score))
    expect(alike).toEqual({ classes: 'narrow' })
    const notes = (['unknown', 'narrow'] as const).map((classes) => scoreShiftKind.noteOf?.(guardrail, { classes }))
    expect(notes).toEqual([
      expect.stringMatching(/^only the mean is judged: the source/),
      expect.stringMatching(/^only the mean is judged: the scores/),
    ])
    expect(scoreShiftKind.noteOf?.(guardrail, {})).toBeUndefined()
  })
})

describe('the accepted change of the distribution', () => {
  it('leaves room for a shift of all scores by the margin', () => {
    const edges = edgesOf(binsOf(even))
    expect(variationOfShift(edges, binsOf(even), 0.05)).toBeCloseTo(0.05, 2)
    expect(variationOfShift(edges, binsOf(even), 0.3)).toBeCloseTo(0.3, 2)
    expect(thresholdsOf(even, { margin: 0.3 })?.classes).toMatchObject({ margin: expect.closeTo(0.3, 2) })
    expect(thresholdsOf(even, { margin: 5 })?.classes).toMatchObject({ margin: expect.closeTo(0.95, 1) })
  })

  it('is what was asked for, if it was', () => {
    expect(thresholdsOf(even, { margin: 0.3, totalMargin: 0.04 })?.classes).toMatchObject({ margin: 0.04 })
  })
})
