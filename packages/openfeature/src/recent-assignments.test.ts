import { expect, it } from 'vitest'
import { createRecentAssignments } from './recent-assignments.js'

const assigned = { variant: 'canary', reason: 'split', epoch: 1, step: 2 } as const

const remembering = (most: number, keys: readonly string[]) => {
  const recent = createRecentAssignments(most)
  for (const key of keys) recent.remember(key, assigned)
  return ['a', 'b', 'c'].filter((key) => recent.find(key) !== undefined)
}

it('keeps the latest users, and counts each of them once', () => {
  expect(remembering(2, ['a', 'b', 'c'])).toEqual(['b', 'c'])
  expect(remembering(2, ['a', 'b', 'a', 'c'])).toEqual(['a', 'c'])
  expect(remembering(2, ['a', 'b', 'c', 'c'])).toEqual(['b', 'c'])
  expect(remembering(0, ['a'])).toEqual([])
})

it('keeps the fields that a metric is recorded with, from a user’s latest assignment', () => {
  const recent = createRecentAssignments(9)
  const first = { ...assigned, version: 'v2', id: 1, weight: 5 }
  recent.remember('a', first)
  expect(recent.find('a')).toEqual(assigned)
  recent.remember('a', { ...first, step: 3, bucket: 0 })
  expect(recent.find('a')).toEqual({ ...assigned, step: 3, bucket: 0 })
  expect(recent.size).toBe(1)
})
