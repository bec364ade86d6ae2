import { describe, expect, it } from 'vitest'
import type { KeptUsers } from '../judge.js'
import { usersKnown, usersToKeep } from './kept-users.js'
import { strataOf } from './strata.fixture.js'
import type { UsersPast } from './users-past.js'

/** Two generations with as many windows each, and with the errors of the tenth strata. */
const usersOf = (windows: number, errors = 20): UsersPast => {
  const generation = { windows, strata: strataOf(200, (stratum) => (stratum % 10 === 0 ? errors : 2)) }
  return { thresholds: { errorRate: {}, latency: { capMs: 400 } }, open: 0, newer: generation, older: generation }
}
const json = (value: unknown) => JSON.parse(JSON.stringify(value))
const keptOf = (users: UsersPast, ageMs = 5_000): KeptUsers => ({
  learned: json(usersToKeep({ users, open: null })),
  ageMs,
})
const kept = keptOf(usersOf(40))
const learned = json(kept.learned)

describe('users who were kept', () => {
  it('are what was counted, with their age', () => {
    const { thresholds, newer, older } = usersOf(40)
    expect(usersKnown({ users: null, open: null, kept })).toEqual({ thresholds, newer, older, ageMs: 5_000 })
  })

  it('have no age below 0, if the clocks differ', () => {
    expect(usersKnown({ users: null, open: null, kept: { ...kept, ageMs: -7 } })?.ageMs).toBe(0)
  })

  it('are used until this process has counted as many windows', () => {
    expect(usersKnown({ users: usersOf(39), open: null, kept })?.ageMs).toBe(5_000)
    expect(usersKnown({ users: usersOf(40), open: null, kept })).toEqual(usersKnown({ users: usersOf(40), open: null }))
    expect(usersKnown({ users: { ...usersOf(90), older: null }, open: null, kept })?.ageMs).toBe(5_000)
  })

  it('are not used once this process has counted 40 minutes', () => {
    const long = keptOf(usersOf(300))
    expect(usersKnown({ users: usersOf(79), open: null, kept: long })?.ageMs).toBe(5_000)
    expect(usersKnown({ users: usersOf(80), open: null, kept: long })?.ageMs).toBeUndefined()
  })

  it('are kept once more while they are the better ones, as they were', () => {
    expect(usersToKeep({ users: null, open: null, kept })).toBe(kept.learned)
    expect(usersToKeep({ users: usersOf(20), open: null, kept })).toBe(kept.learned)
    expect(usersToKeep({ users: usersOf(50, 9), open: null, kept })).toMatchObject({ newer: { windows: 50 } })
  })

  it('have the counts of the present generation in them', () => {
    const users = { ...usersOf(40), open: 30 }
    const open = strataOf(10, () => 1)
    expect(usersToKeep({ users, open })).toMatchObject({ newer: { windows: 70 }, older: { windows: 40 } })
  })

  it('are not kept without two generations', () => {
    expect(usersToKeep({ users: null, open: null })).toBeNull()
    expect(usersToKeep({ users: { ...usersOf(40), older: null }, open: null })).toBeNull()
  })

  it.each([
    ['null', null],
    ['a text', 'users'],
    ['one generation', { ...learned, older: null }],
    ['no thresholds', { ...learned, thresholds: null }],
    ['thresholds without end', { ...learned, thresholds: { latency: { capMs: Number.POSITIVE_INFINITY } } }],
    ['a class that is named twice', { ...learned, thresholds: { predictionShift: { classes: ['a', 'a'] } } }],
    ['no windows', { ...learned, newer: { ...learned.newer, windows: 0 } }],
    ['half a window', { ...learned, newer: { ...learned.newer, windows: 1.5 } }],
    ['broken strata', { ...learned, newer: { ...learned.newer, strata: {} } }],
  ])('are dropped with %s', (_, value) => {
    const broken = { learned: value, ageMs: 0 }
    expect(usersKnown({ users: null, open: null, kept: broken })).toBeNull()
    expect(usersToKeep({ users: null, open: null, kept: broken })).toBeNull()
    expect(usersKnown({ users: usersOf(20), open: null, kept: broken })?.newer.windows).toBe(20)
  })
})
