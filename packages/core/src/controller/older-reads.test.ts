import { describe, expect, it } from 'vitest'
import { createOlderReads } from './older-reads.js'

/** What each of these reads is answered with. */
const answers = (...reads: readonly (readonly [revision: number, at: number])[]) => {
  const older = createOlderReads()
  return reads.map(([revision, at]) => older.add(revision, at))
}

describe('reads of older state', () => {
  it('agree after three of them over 10 s', () => {
    expect(answers([5, 0], [5, 5_000], [5, 9_999], [5, 10_000])).toEqual([false, false, false, true])
    expect(answers([5, 0], [5, 60_000], [5, 60_001])).toEqual([false, false, true])
  })

  it('agree with a higher revision, such as after a write into a restored store', () => {
    expect(answers([5, 0], [6, 5_000], [9, 10_000])).toEqual([false, false, true])
  })

  it('do not agree if one is older than the one before', () => {
    expect(answers([5, 0], [4, 5_000], [5, 10_000], [4, 15_000], [5, 20_000])).not.toContain(true)
  })

  it('are forgotten', () => {
    const older = createOlderReads()
    older.add(5, 0)
    older.add(5, 5_000)
    older.forget()
    expect([older.add(5, 10_000), older.add(5, 15_000), older.add(5, 20_000)]).toEqual([false, false, true])
  })
})
