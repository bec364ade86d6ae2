import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { mergeStrata, plainForm, STRATUM_COUNT, type Strata, type StrataForm, strataForm } from './strata.js'
import { columnsOf, plusColumns, strataOf } from './strata-columns.js'
import { createStrataSum, packStrataReport } from './strata-report.js'

const random = seededRandom(3)
const each = (most: number, least = 0): number[] =>
  Array.from({ length: STRATUM_COUNT }, () => least + Math.floor((most - least) * random()))
const values = (): number[] => each(1).map(() => 100 * random() - 50)
const none = each(1)

/** What five guardrails count by routing bucket. */
const form: StrataForm = strataForm({
  ...{ capMs: 300, tailBins: [700, 800], classes: ['ham', 'spam'], metrics: ['tokens'] },
  scoreEdges: [100, 200, 300],
})

/** Strata with this many calls in each stratum, of which each hundredth fails. */
function strata(calls: number): Strata {
  const finished = each(calls * 1.3, calls * 0.7)
  const part = (share: number) => finished.map((count) => Math.floor(count * share * 2 * random()))
  return {
    form,
    ...{ finished, answered: finished, errors: part(0.01), timeouts: none, aborted: none },
    ...{ decided: finished, unanswered: none, latencyMs: finished.map((count) => count * 85.125), predicted: finished },
    predictions: [
      ['ham', part(0.4)],
      ['spam', part(0.2)],
    ],
    beyond: [
      [700, part(0.05)],
      [800, part(0.01)],
    ],
    score: [finished, values()],
    scoreClasses: [part(0.2), part(0.2), part(0.2), part(0.2)],
    metrics: [['tokens', [finished, values()]]],
    ...{ callers: none, rejected: none },
  }
}

const textOf = (counted: Strata): string => packStrataReport(columnsOf(counted), counted.form)

describe('strata in reports', () => {
  const [one, other] = [strata(50), strata(70)]

  it('are added up exactly', () => {
    const sum = createStrataSum(form)
    expect([sum.columns(), sum.add(textOf(one)), sum.add(textOf(other))]).toEqual([null, true, true])
    expect(strataOf(sum.columns()!, form)).toEqual(mergeStrata(one, other))
  })

  it('have a difference, which is what was counted in between', () => {
    const later = columnsOf(mergeStrata(one, other))
    expect(strataOf(plusColumns(later, columnsOf(one), -1), form).finished).toEqual(other.finished)
  })

  it('of another form are left out, and are not damaged', () => {
    const sum = createStrataSum(plainForm)
    expect([sum.add(textOf(one)), sum.columns()]).toEqual([true, null])
  })

  it('change nothing where a text is damaged', () => {
    const sum = createStrataSum(form)
    const text = textOf(one)
    sum.add(text)
    const damaged = [text.slice(0, -20), `c${text.slice(1)}`, text.replace(/[0-9]/, 'z'), '', 'b', 'b.']
    expect(damaged.map((each) => sum.add(each))).toEqual(damaged.map(() => false))
    expect(strataOf(sum.columns()!, form)).toEqual(one)
  })

  it('of five guardrails and 10,000 calls take less than 8 KiB', () => {
    expect(textOf(strata(100)).length).toBeLessThan(8_192)
  })
})
