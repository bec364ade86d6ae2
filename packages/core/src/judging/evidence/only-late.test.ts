import { describe, expect, it } from 'vitest'
import { type AnswerCounts, noAnswers } from '../../summaries/answer-counts.js'
import { isOnlyLate } from './only-late.js'

const counts = (decided: number, ended: number): AnswerCounts => ({ ...noAnswers, decided, unanswered: decided, ended })
const isLate = (baseline: AnswerCounts, canary: AnswerCounts, tolerable = 0.01) =>
  isOnlyLate({ answers: { baseline, canary } }, tolerable)

describe('unanswered calls', () => {
  it('are only late if none has ended', () => {
    expect(isLate(counts(100, 0), counts(100, 0))).toBe(true)
    expect(isLate(noAnswers, counts(1_000, 0))).toBe(true)
  })

  it('are lost if the canary’s share of ended calls exceeds the baseline’s by more than is tolerable', () => {
    expect(isLate(counts(100, 0), counts(100, 1))).toBe(true)
    expect(isLate(counts(100, 0), counts(100, 2))).toBe(false)
    expect(isLate(counts(100, 5), counts(100, 6))).toBe(true)
    expect(isLate(counts(100, 5), counts(100, 7))).toBe(false)
    expect(isLate(noAnswers, counts(1, 1))).toBe(false)
  })

  it('are compared as shares, regardless of the split', () => {
    expect(isLate(counts(9_000, 450), counts(100, 5))).toBe(true)
    expect(isLate(counts(100, 5), counts(9_000, 900))).toBe(false)
  })

  it('that were never counted are not against it', () => {
    expect(isLate(noAnswers, noAnswers)).toBe(true)
  })
})
