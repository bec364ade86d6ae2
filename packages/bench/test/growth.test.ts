import { describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/growth/${name}.mjs`)
const { combined } = await part('run')
const { SITUATIONS } = await part('situations')
const { createTaskTimes } = await part('task-times')

interface Situation {
  readonly title: string
  readonly perSecond: number
  readonly marks: { readonly full: readonly number[] }
}

const MIB = 2 ** 20

/** A run with marks of so many MiB. */
const run = (heldMiB: readonly number[], looksUs: readonly number[], endedMiB = 10) => ({
  marks: heldMiB.map((mib, at) => ({ requests: 100 * at, seconds: at, heldBytes: mib * MIB })),
  endedBytes: endedMiB * MIB,
  underWay: 3,
  looksUs,
  wholeLooksUs: looksUs.map((us) => 2 * us),
  othersUs: [1, 1],
})

describe('the times of tasks', () => {
  it('give a look the longest of the turns of the loop in which it goes on, and all of them together', () => {
    const times = createTaskTimes()
    times.note({ delayMs: 15_000, us: 1 })
    times.begin()
    times.note({ delayMs: 1_000, us: 50 })
    times.note({ delayMs: 15_000, us: 300 })
    times.note({ delayMs: 0, us: 700 })
    times.note({ delayMs: 0, us: 500 })
    times.note({ delayMs: 250, us: 5 })
    times.note({ delayMs: 15_000, us: 400 })
    expect(times.read()).toEqual({ looksUs: [700, 400], wholeLooksUs: [1_500, 400], othersUs: [50, 5] })
  })
})

describe('what several runs tell together', () => {
  const growth = combined([
    run([10, 11, 12], [900, 100, 5_000], 9),
    run([20, 20, 20.5], [400, 300, 7_000], 20.25),
    run([30, 30.25, 33], [600, 200, 6_000], 30.5),
  ])

  it('is of the heap the median of what came since the first mark', () => {
    expect(growth.marks.map(({ moreMiB }: { moreMiB: number }) => moreMiB)).toEqual([0, 0.25, 2])
    expect(growth.endedMiB).toBe(0.25)
    expect(growth.marks[2]).toMatchObject({ requests: 200, seconds: 2 })
  })

  it('is of the time of each task the least', () => {
    expect(growth.looks).toEqual({ count: 3, medianUs: 400, p99Us: 4_908, mostUs: 5_000 }) // of 400, 100 and 5,000
  })

  it('is the same of all turns of a look together', () => {
    expect(growth.wholeLooks).toMatchObject({ count: 3, medianUs: 800, mostUs: 10_000 })
  })

  it('is refused if they did not do the same', () => {
    expect(() => combined([run([1], [1]), run([1], [1, 2])])).toThrow('two runs did not do the same')
  })
})

describe('the situations', () => {
  it('last an hour after the first mark, or ten million requests', () => {
    for (const { marks, perSecond, title } of Object.values<Situation>(SITUATIONS)) {
      const seconds = marks.full.at(-1)! - marks.full[0]!
      expect(seconds >= 3_600 || seconds * perSecond >= 9.9e6, title).toBe(true)
    }
  })
})
