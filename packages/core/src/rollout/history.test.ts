import { describe, expect, it } from 'vitest'
import type { Decision } from './decision.js'
import { numberedAfter, pageOf } from './history.js'
import { heldDecision } from './rollout.fixture.js'

const made = (at: number): Omit<Decision, 'sequence'> => ({ ...heldDecision, at })
const withSequence = (sequence: number): Decision => ({ sequence, ...made(0) })
const sequences = (history: readonly Decision[]) => history.map(({ sequence }) => sequence)

describe('the numbers of decisions', () => {
  it('begin at 1 and follow the latest one', () => {
    expect(sequences(numberedAfter([], [made(1), made(1)]))).toEqual([1, 2])
    expect(sequences(numberedAfter([withSequence(4), withSequence(9)], [made(2)]))).toEqual([10])
  })
})

describe('a page', () => {
  const history = [1, 2, 5, 6, 9].map(withSequence)

  it('has the newest decision first', () => {
    expect(sequences(pageOf(history, { before: Number.POSITIVE_INFINITY, limit: 3 }))).toEqual([9, 6, 5])
  })

  it('ends before a sequence, also one that is no longer kept', () => {
    expect(sequences(pageOf(history, { before: 5, limit: 3 }))).toEqual([2, 1])
    expect(sequences(pageOf(history, { before: 8, limit: 2 }))).toEqual([6, 5])
    expect(pageOf(history, { before: 1, limit: 3 })).toEqual([])
  })
})
