import type { Flight } from '@model-canary/core/adapter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCompletions } from './completions.js'

/** Completions of flights that are numbers, and which of them have ended. */
function numbered() {
  const completions = createCompletions()
  const ended: number[] = []
  const add = (dueMs: number, number: number) =>
    completions.add(dueMs, { end: () => ended.push(number) } as unknown as Flight, { durationMs: 0 })
  return { completions, ended, add }
}

describe('createCompletions', () => {
  it('ends flights in the order in which they are due', () => {
    const { completions, ended, add } = numbered()
    for (const dueMs of [30, 10, 20]) add(dueMs, dueMs)
    expect(completions.nextDueMs).toBe(10)
    for (let at = 0; at < 4; at += 1) completions.endNext()
    expect(ended).toEqual([10, 20, 30])
    expect(completions.nextDueMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('ends a flight with the result of its call', () => {
    const completions = createCompletions()
    const results: unknown[] = []
    const call = { durationMs: 5, outcome: 'error' } as const
    completions.add(5, { end: (result: unknown) => results.push(result) } as unknown as Flight, call)
    completions.endNext()
    expect(results).toEqual([call])
  })

  it('keeps a call that never ends open', () => {
    const { completions, ended, add } = numbered()
    add(Number.POSITIVE_INFINITY, 1)
    completions.endNext()
    expect(ended).toEqual([])
  })

  describe('properties', () => {
    it('whatever comes and goes, the next to end is the earliest, and of several the first that began', () => {
      const step = fc.oneof(fc.constant('end' as const), fc.integer({ min: 0, max: 5 }))
      fc.assert(
        fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
          const { completions, ended, add } = numbered()
          const expected: number[] = []
          const waiting: { dueMs: number; number: number }[] = []
          for (const [number, step] of steps.entries()) {
            if (step === 'end') {
              completions.endNext()
              const first = waiting.sort((a, b) => a.dueMs - b.dueMs || a.number - b.number).shift()
              if (first !== undefined) expected.push(first.number)
            } else {
              add(step, number)
              waiting.push({ dueMs: step, number })
            }
          }
          expect(ended).toEqual(expected)
        }),
      )
    })
  })
})
