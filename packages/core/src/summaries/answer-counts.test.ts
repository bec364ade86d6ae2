import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addAnswers, answersOf, noAnswers, subtractAnswers } from './answer-counts.js'
import { readSummary } from './read-summary.js'
import { emptySummary, mergeSummaries, type Summary, subtractSummaries, unansweredRateOf } from './summary.js'

const counts = fc.record({ decided: fc.nat(), unanswered: fc.nat(), ended: fc.nat(), leftEarly: fc.nat() })

/** A summary as an earlier version stored it. */
const stored = (over: Partial<Summary> = {}): Summary => {
  const { answers: _answers, ...rest } = { ...emptySummary(), ...over }
  return JSON.parse(JSON.stringify(rest))
}

describe('counts of answers', () => {
  it('add up by name', () => {
    const both = addAnswers(
      { decided: 10, unanswered: 3, ended: 2, leftEarly: 1 },
      { decided: 5, unanswered: 4, ended: 3, leftEarly: 2 },
    )
    expect(both).toEqual({ decided: 15, unanswered: 7, ended: 5, leftEarly: 3 })
  })

  it('give back what was added, in whatever order', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        expect(addAnswers(a, b)).toEqual(addAnswers(b, a))
        expect(subtractAnswers(addAnswers(a, b), a)).toEqual(b)
        expect(addAnswers(a, noAnswers)).toEqual(a)
      }),
    )
  })

  it('that fell, any of them, were reset in between', () => {
    const now = { decided: 5, unanswered: 5, ended: 5, leftEarly: 5 }
    for (const name of ['decided', 'unanswered', 'ended', 'leftEarly'] as const) {
      expect(subtractAnswers(now, { ...now, [name]: 6 })).toBeUndefined()
    }
    expect(subtractAnswers(now, now)).toEqual({ decided: 0, unanswered: 0, ended: 0, leftEarly: 0 })
  })

  it('name four figures', () => {
    expect(answersOf((name) => name.length)).toEqual({ decided: 7, unanswered: 10, ended: 5, leftEarly: 9 })
  })
})

describe('summaries that were stored without them', () => {
  const newer: Summary = { ...emptySummary(), begun: 9, answers: { decided: 8, unanswered: 2, ended: 1, leftEarly: 1 } }

  it('read as 0', () => {
    expect(readSummary(stored()).answers).toEqual({ decided: 0, unanswered: 0, ended: 0, leftEarly: 0 })
    expect(readSummary({ ...stored(), answers: { decided: 4 } }).answers).toEqual({
      decided: 4,
      unanswered: 0,
      ended: 0,
      leftEarly: 0,
    })
    expect(unansweredRateOf(stored())).toBeUndefined()
  })

  it('merge as 0, on either side', () => {
    expect(mergeSummaries(stored({ begun: 3 }), newer)).toEqual({ ...newer, begun: 12 })
    expect(mergeSummaries(newer, stored({ begun: 3 }))).toEqual({ ...newer, begun: 12 })
    expect(mergeSummaries(stored(), stored()).answers).toEqual(noAnswers)
  })

  it('are subtracted as 0', () => {
    expect(subtractSummaries(newer, stored({ begun: 3 }))).toEqual({ ...newer, begun: 6 })
    expect(subtractSummaries(stored(), stored())?.answers).toEqual(noAnswers)
  })

  it('survive a way through JSON once they have them', () => {
    expect(readSummary(JSON.parse(JSON.stringify(newer))).answers).toEqual(newer.answers)
  })

  it('are refused where a count is none', () => {
    for (const bad of [-1, 0.5, '3', null]) {
      const read = () => readSummary({ ...stored(), answers: { decided: bad } })
      if (bad === null) expect(read().answers.decided).toBe(0)
      else expect(read).toThrow(/\[INVALID_SUMMARY\] answers\.decided must be a count/)
    }
  })
})
