import { describe, expect, it } from 'vitest'
import { isSameForm, isStrata, mergeStrata, STRATUM_COUNT, type Strata, type StrataForm, strataForm } from './strata.js'

const form: StrataForm = { capMs: 300, tailBins: [700], classes: ['cat'], metrics: ['paid'] }

const at = (stratum: number, value: number) =>
  Array.from({ length: STRATUM_COUNT }, (_, place) => (place === stratum ? value : 0))

/** Strata with calls in one stratum only. */
const strataIn = (stratum: number, over: Partial<Strata> = {}): Strata => ({
  form,
  finished: at(stratum, 9),
  answered: at(stratum, 8),
  errors: at(stratum, 3),
  timeouts: at(stratum, 2),
  aborted: at(stratum, 1),
  decided: at(stratum, 9),
  unanswered: at(stratum, 2),
  latencyMs: at(stratum, 80.5),
  predictions: [['cat', at(stratum, 4)]],
  predicted: at(stratum, 5),
  callers: at(stratum, 6),
  rejected: at(stratum, 1),
  beyond: [[700, at(stratum, 2)]],
  score: [at(stratum, 5), at(stratum, -2.5)],
  metrics: [['paid', [at(stratum, 3), at(stratum, 40)]]],
  ...over,
})

describe('a form', () => {
  it('is sorted, and names nothing twice', () => {
    const given = { capMs: null, tailBins: [900, 80, 900], classes: ['b', 'a', 'b'], metrics: ['y', 'x', 'y'] }
    expect(strataForm(given)).toEqual({ capMs: null, tailBins: [80, 900], classes: ['a', 'b'], metrics: ['x', 'y'] })
  })

  it('has at most nine edges of scores, sorted', () => {
    expect(strataForm({ ...form, scoreEdges: [9, 3, 9] }).scoreEdges).toEqual([3, 9])
    const edges = Array.from({ length: 12 }, (_, edge) => edge)
    expect(strataForm({ ...form, scoreEdges: edges }).scoreEdges).toEqual(edges.slice(0, 9))
  })

  it('keeps the first twelve classes, which are the most frequent if they are given in that order', () => {
    const classes = Array.from({ length: 20 }, (_, label) => `${40 - label}`)
    expect(strataForm({ ...form, classes }).classes).toEqual(classes.slice(0, 12).sort())
  })

  it('is the same if it counts the same', () => {
    expect(isSameForm(form, { ...form, tailBins: [700, 700] })).toBe(true)
    expect(isSameForm(form, { ...form, capMs: null })).toBe(false)
    expect(isSameForm(form, { ...form, tailBins: [] })).toBe(false)
    expect(isSameForm(form, { ...form, classes: ['dog'] })).toBe(false)
    expect(isSameForm(form, { ...form, metrics: ['lost'] })).toBe(false)
    expect(isSameForm(form, { ...form, scoreEdges: [9] })).toBe(false)
    expect(isSameForm(form, { ...form, scoreEdges: [] })).toBe(true)
  })
})

describe('merging', () => {
  it('adds up every column, stratum by stratum', () => {
    const doubled = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(doubled) : typeof value === 'number' ? 2 * value : value
    const { form: _, beyond, ...columns } = strataIn(7)
    const merged = mergeStrata(strataIn(7), strataIn(7))
    expect(merged).toEqual({
      ...(Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, doubled(column)])) as object),
      form,
      beyond: [[700, doubled(beyond[0]![1])]],
    })
  })

  it('adds up the classes of scores', () => {
    const scored = strataIn(7, { form: { ...form, scoreEdges: [900] }, scoreClasses: [at(7, 3), at(8, 2)] })
    expect(mergeStrata(scored, scored).scoreClasses).toEqual([at(7, 6), at(8, 4)])
  })

  it('keeps the strata apart', () => {
    expect(mergeStrata(strataIn(7), strataIn(8)).errors).toEqual(
      at(7, 3).map((count, place) => count + at(8, 3)[place]!),
    )
  })

  it('of different forms is the newer one alone', () => {
    const newer = strataIn(8, { form: { ...form, capMs: 500 } })
    expect(mergeStrata(strataIn(7), newer)).toBe(newer)
  })
})

describe('a stored value', () => {
  it('is strata after a round trip through JSON', () => {
    expect(isStrata(JSON.parse(JSON.stringify(strataIn(7))))).toBe(true)
    expect(isStrata(strataIn(7, { beyond: [], predictions: [], metrics: [], form: { ...form, capMs: null } }))).toBe(
      true,
    )
  })

  it.each<[string, unknown]>([
    ['is nothing', null],
    ['is a list', []],
    ['has no form', { ...strataIn(7), form: undefined }],
    ['has a form with a strange cap', strataIn(7, { form: { ...form, capMs: 0 } })],
    ['has a form with a strange bin', strataIn(7, { form: { ...form, tailBins: [0.5] } })],
    ['has a form with a strange class', strataIn(7, { form: { ...form, classes: [7 as never] } })],
    ['has a form without metrics', strataIn(7, { form: { ...form, metrics: undefined as never } })],
    ['lacks a column', { ...strataIn(7), rejected: undefined }],
    ['has 99 strata', strataIn(7, { answered: at(7, 1).slice(1) })],
    ['has a count below 0', strataIn(7, { errors: at(7, -1) })],
    ['has a count that is not finite', strataIn(7, { latencyMs: at(7, Number.NaN) })],
    ['has a class without counts', strataIn(7, { predictions: [['cat', []]] })],
    ['has a tail that is not a bin', strataIn(7, { beyond: [[-1, at(7, 1)]] })],
    ['has scores without sums', strataIn(7, { score: [at(7, 1)] as never })],
    ['lacks the classes of scores of its form', strataIn(7, { form: { ...form, scoreEdges: [900] } })],
    ['has a class of scores too few', strataIn(7, { form: { ...form, scoreEdges: [900] }, scoreClasses: [at(7, 1)] })],
    ['has a metric without sums', strataIn(7, { metrics: [['paid', at(7, 1) as never]] })],
  ])('is none if it %s', (_, value) => {
    expect(isStrata(value)).toBe(false)
  })
})
