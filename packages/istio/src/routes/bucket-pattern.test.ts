import { expect, it } from 'vitest'
import { bucketPattern } from './bucket-pattern.js'

it.each(Array.from({ length: 100 }, (_, index) => index + 1))('matches exactly the numbers below %i', (count) => {
  const pattern = new RegExp(`^(?:${bucketPattern(count)})$`)
  const matched = Array.from({ length: 200 }, (_, bucket) => bucket).filter((bucket) => pattern.test(String(bucket)))
  expect(matched).toEqual(Array.from({ length: count }, (_, bucket) => bucket))
})

it('is the pattern of 0 if there is nothing to match, and of all hundred at most', () => {
  expect([bucketPattern(0), bucketPattern(-5), bucketPattern(1)]).toEqual(['0', '0', '0'])
  expect(bucketPattern(500)).toBe(bucketPattern(100))
})

it('does not match other ways of writing a number', () => {
  const pattern = new RegExp(`^(?:${bucketPattern(100)})$`)
  expect(['', '00', '07', '1.5', '-1', ' 1', '1e1', 'abc'].filter((text) => pattern.test(text))).toEqual([])
})
