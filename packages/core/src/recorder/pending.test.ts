import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binOf } from '../summaries/histogram.js'
import { createPending, type PendingEntry } from './pending.js'

function entryAt(startedAt: number): PendingEntry {
  return { variant: 'canary', startedAt, previous: null, next: null }
}

/** How old an entry is at `now`. */
const at =
  (now: number) =>
  ({ startedAt }: PendingEntry): number =>
    now - startedAt

describe('pending flights', () => {
  it('are visited oldest first, up to those that began later', () => {
    const pending = createPending()
    const [first, second, third] = [entryAt(100), entryAt(250), entryAt(300)]
    for (const entry of [first, second, third]) pending.add(entry)
    const visited: PendingEntry[] = []
    pending.visit(300, (entry) => {
      visited.push(entry)
      pending.remove(entry)
    })
    expect(visited).toEqual([first, second])
    expect([pending.size, pending.holds(third), pending.holds(first)]).toEqual([1, true, false])
  })

  it('are removed once', () => {
    const pending = createPending()
    const entry = entryAt(0)
    pending.add(entry)
    expect([pending.remove(entry), pending.remove(entry), pending.size]).toEqual([true, false, 0])
  })

  it('are not removed if they were never added', () => {
    const pending = createPending()
    pending.add(entryAt(0))
    expect([pending.remove(entryAt(0)), pending.size]).toEqual([false, 1])
  })

  it('are added once', () => {
    const pending = createPending()
    const entry = entryAt(0)
    expect([pending.add(entry), pending.add(entry), pending.size]).toEqual([true, false, 1])
  })

  it('return the ages of those that match a filter', () => {
    const pending = createPending()
    for (const startedAt of [0, 1, 2]) pending.add(entryAt(startedAt))
    expect(pending.agesUs(at(3), ({ startedAt }) => startedAt !== 1)).toEqual([
      [binOf(1_000), 1],
      [binOf(3_000), 1],
    ])
  })
})

it('counts flights of one age together, whatever began between them', () => {
  const pending = createPending()
  for (const startedAt of [0, 0, 2, 1, 1, 0]) pending.add(entryAt(startedAt))
  expect(pending.agesUs(at(3))).toEqual([
    [binOf(1_000), 1],
    [binOf(2_000), 2],
    [binOf(3_000), 3],
  ])
})

it('visits open flights only, however many have ended', () => {
  const pending = createPending()
  const open = [entryAt(0), entryAt(1)]
  pending.add(open[0]!)
  for (let ended = 0; ended < 1_000; ended++) {
    const entry = entryAt(1)
    pending.add(entry)
    pending.remove(entry)
  }
  pending.add(open[1]!)
  const visited: PendingEntry[] = []
  pending.visit(Number.POSITIVE_INFINITY, (entry) => visited.push(entry))
  pending.agesUs((entry) => visited.push(entry))
  expect(visited).toEqual([...open, ...open])
})

describe('properties', () => {
  it('equal a set of entries in the order in which they were added', () => {
    const verbs = fc.array(fc.tuple(fc.boolean(), fc.nat(5)), { maxLength: 60 })
    fc.assert(
      fc.property(verbs, (steps) => {
        const pending = createPending()
        const entries = Array.from({ length: 6 }, (_, index) => entryAt(index * 1_000))
        let model: PendingEntry[] = []
        for (const [isAdding, index] of steps) {
          const entry = entries[index]!
          const isIn = model.includes(entry)
          expect(isAdding ? pending.add(entry) : pending.remove(entry)).toBe(isAdding !== isIn)
          if (isAdding && !isIn) model.push(entry)
          if (!isAdding) model = model.filter((other) => other !== entry)
          expect(pending.size).toBe(model.length)
          expect(pending.agesUs(at(9_000)).map(([bin]) => bin)).toEqual(
            model.map(({ startedAt }) => binOf((9_000 - startedAt) * 1_000)).sort((a, b) => a - b),
          )
        }
      }),
    )
  })
})
