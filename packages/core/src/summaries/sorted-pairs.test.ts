import { expect, it, vi } from 'vitest'
import { addCounts, isZero, mergePairs, type SortedPairs, subtractCounts, subtractPairs } from './sorted-pairs.js'

const before: SortedPairs<string, number> = [
  ['a', 1],
  ['b', 2],
  ['c', 3],
]

it('computes no difference of pairs that were taken over', () => {
  const subtract = vi.fn(subtractCounts)
  const now: SortedPairs<string, number> = [before[0]!, ['b', 5], before[2]!, ['d', 1]]
  expect(subtractPairs(now, before, subtract, isZero)).toEqual([
    ['b', 3],
    ['d', 1],
  ])
  expect(subtract).toHaveBeenCalledTimes(1)
})

it('does not copy a table to which nothing is added', () => {
  expect(mergePairs(before, [], addCounts)).toBe(before)
  expect(mergePairs([], before, addCounts)).toBe(before)
})
