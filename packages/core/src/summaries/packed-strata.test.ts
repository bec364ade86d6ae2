import { describe, expect, it } from 'vitest'
import { packStrata, unpackStrata } from './packed-strata.js'
import { STRATUM_COUNT, type Strata } from './strata.js'

const each = (count: (stratum: number) => number): readonly number[] =>
  Array.from({ length: STRATUM_COUNT }, (_, stratum) => count(stratum))

const finished = each((stratum) => 1_000 + stratum)
const some = each((stratum) => stratum)
const none = each(() => 0)
const strata: Strata = {
  form: { capMs: 300, tailBins: [700], classes: ['cat'], metrics: ['paid'], scoreEdges: [30] },
  ...{ finished, answered: finished, errors: some, timeouts: none, aborted: none, decided: finished, unanswered: some },
  ...{ latencyMs: each((stratum) => 123_400 + 0.25 * stratum), predicted: finished, callers: none, rejected: none },
  predictions: [['cat', some]],
  beyond: [[700, some]],
  score: [finished, each((stratum) => -(stratum + 1) / 2)],
  scoreClasses: [finished, none],
  metrics: [['paid', [some, none]]],
}
const stored = JSON.parse(JSON.stringify(packStrata(strata)))

describe('packed strata', () => {
  it('are read back from JSON, with numbers of five digits', () => {
    expect(unpackStrata(stored)).toEqual({
      ...strata,
      latencyMs: strata.latencyMs.map((sum) => Math.round(sum / 10) * 10),
    })
  })

  it('have no list that repeats another one', () => {
    expect(stored.counts).toMatchObject({ answered: 1, decided: 1, predicted: 1, timeouts: 0, aborted: 0 })
  })

  it('have no classes of scores if the form has none', () => {
    const { scoreEdges: _, ...form } = strata.form
    const { scoreClasses: __, ...plain } = strata
    expect(unpackStrata(JSON.parse(JSON.stringify(packStrata({ ...plain, form }))))).not.toHaveProperty('scoreClasses')
  })

  it.each([
    ['null', null],
    ['a text', 'strata'],
    ['an empty object', {}],
    ['no form', { ...stored, form: undefined }],
    ['no counts', { ...stored, counts: undefined }],
    ['no errors', { ...stored, counts: { ...stored.counts, errors: undefined } }],
    ['a negative count', { ...stored, counts: { ...stored.counts, errors: each(() => -1) } }],
    ['a short list', { ...stored, counts: { ...stored.counts, errors: [1, 2] } }],
    ['an unknown sign for a list', { ...stored, counts: { ...stored.counts, errors: 2 } }],
    ['finished calls that refer to themselves', { ...stored, counts: { ...stored.counts, finished: 1 } }],
    ['more errors than calls', { ...stored, counts: { ...stored.counts, errors: each(() => 2_000) } }],
    ['more unanswered calls than decided ones', { ...stored, counts: { ...stored.counts, decided: 0 } }],
    ['more rejected callers than callers', { ...stored, counts: { ...stored.counts, rejected: some } }],
    ['a tail of more than all calls', { ...stored, beyond: [[700, each(() => 2_000)]] }],
    ['a class of more than all predictions', { ...stored, predictions: [['cat', each(() => 2_000)]] }],
    ['more scores in a class than scores', { ...stored, scoreClasses: [each(() => 2_000), 0] }],
    ['pairs that are none', { ...stored, metrics: [7] }],
    ['scores that are no pair', { ...stored, score: 0 }],
  ])('cannot be read with %s', (_, value) => {
    expect(unpackStrata(value)).toBeUndefined()
  })
})
