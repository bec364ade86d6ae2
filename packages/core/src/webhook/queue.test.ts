import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQueue } from './queue.js'

const make = (size: number) => createQueue<string>(size, (item) => item === item.toLowerCase())
const all = (queue: ReturnType<typeof make>) => [...queue.clear()].join('')

describe('a queue', () => {
  it('returns items in the order in which they were added', () => {
    const queue = make(3)
    for (const item of 'abc') expect(queue.push(item)).toBeUndefined()
    expect([queue.size, queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([3, 'a', 'b', 'c', undefined])
  })

  it.each([
    ['abc', 'd', 'a', 'bcd'],
    ['Abc', 'd', 'b', 'Acd'],
    ['ABc', 'D', 'c', 'ABD'],
    ['ABC', 'd', 'd', 'ABC'],
    ['ABC', 'D', 'A', 'BCD'],
  ])('full with %s drops for %s the oldest that may be missed: %s', (before, item, dropped, after) => {
    const queue = make(3)
    for (const earlier of before) queue.push(earlier)
    expect(queue.push(item)).toBe(dropped)
    expect(all(queue)).toBe(after)
  })
})

describe('properties', () => {
  const items = fc.string({ unit: fc.constantFrom('a', 'B', 'c', 'D'), maxLength: 30 })

  it('never has more items than its size, and keeps their order', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 5 }), (text, size) => {
        const queue = make(size)
        const dropped = [...text].map((item) => queue.push(item)).filter((item) => item !== undefined)
        const kept = all(queue)
        expect(kept.length).toBe(Math.min(size, text.length))
        expect(kept.length + dropped.length).toBe(text.length)
        expect([...(text.match(/[A-Z]/g) ?? [])].slice(-size).join('')).toBe(kept.replace(/[a-z]/g, ''))
      }),
    )
  })
})
