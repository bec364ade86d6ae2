import { describe, expect, it } from 'vitest'
import { frequentSlots } from './label-folding.js'

const counts = (...values: number[]) => Uint32Array.from(values)

describe('frequentSlots', () => {
  it('keeps the more frequent half', () => {
    expect(frequentSlots([counts(5, 1, 9, 2, 0)], 4)).toEqual([0, 2])
  })

  it('keeps a class that only the small canary predicts', () => {
    expect(frequentSlots([counts(500, 300, 200, 0, 0), counts(3, 0, 0, 7, 0)], 4)).toEqual([0, 3])
  })

  it('keeps the larger half of an odd number, and the earlier of equal labels', () => {
    expect(frequentSlots([counts(0, 0, 0, 0)], 3)).toEqual([0, 1])
  })
})
