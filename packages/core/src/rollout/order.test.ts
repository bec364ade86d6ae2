import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareEnds, compareRollouts, isSameWrite, joined, withLaterSwitch } from './order.js'
import { stored } from './rollout.fixture.js'
import { idleState, ROLLOUT_STATES, type RolloutState } from './state.js'
import type { StoredRollout } from './stored-rollout.js'

/** Any stored rollout. The kill switch is released at first, so that every other change releases it again. */
const rollout: fc.Arbitrary<StoredRollout> = fc
  .record({
    revision: fc.integer({ min: 1, max: 4 }),
    epoch: fc.integer({ min: 0, max: 3 }),
    state: fc.constantFrom(...ROLLOUT_STATES),
    switches: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  })
  .map(({ revision, epoch, state, switches }) => {
    const toggled = switches === undefined ? {} : { switches, enabled: switches % 2 === 0 }
    return stored({ revision, state: { ...idleState, state, epoch, ...toggled } as RolloutState })
  })

const isRolledBack = ({ state }: StoredRollout) => state.state === 'rolled-back'

const at = (revision: number, state: Partial<RolloutState>) =>
  stored({ revision, state: { ...idleState, epoch: 1, ...state } as RolloutState })

describe('the rollout that is valid of two', () => {
  it('is of the later epoch, and rolled back if one of that epoch is', () => {
    fc.assert(
      fc.property(rollout, rollout, (theirs, mine) => {
        const valid = joined(theirs, mine)
        const last = Math.max(theirs.state.epoch, mine.state.epoch)
        const candidates = [theirs, mine].filter(({ state }) => state.epoch === last)
        expect(valid.state.epoch).toBe(last)
        expect(isRolledBack(valid)).toBe(candidates.some(isRolledBack))
      }),
    )
  })

  it('has the kill switch that was set more often', () => {
    fc.assert(
      fc.property(rollout, rollout, (theirs, mine) => {
        const most = Math.max(theirs.state.switches ?? 0, mine.state.switches ?? 0)
        expect(joined(theirs, mine).state.enabled).toBe(most % 2 === 0)
      }),
    )
  })

  it('does not depend on who asks, nor on the order in which three of them meet', () => {
    fc.assert(
      fc.property(rollout, rollout, rollout, (a, b, c) => {
        expect(joined(a, a)).toBe(a)
        fc.pre(compareRollouts(a, b) !== 0 && compareRollouts(b, c) !== 0 && compareRollouts(a, c) !== 0)
        expect(joined(a, b)).toEqual(joined(b, a))
        expect(joined(joined(a, b), c)).toEqual(joined(a, joined(b, c)))
      }),
    )
  })

  it('is that of the store if they are equally late', () => {
    const [theirs, mine] = [at(5, { step: 1 }), at(5, { step: 2 })]
    expect(joined(theirs, mine)).toBe(theirs)
  })

  it('is never a promotion in place of a rollback of the same epoch, whatever the revisions are', () => {
    const rollback = at(2, { state: 'rolled-back' as never })
    expect(joined(at(90, { state: 'promoted' as never, weight: 100 }), rollback)).toBe(rollback)
    expect(joined(rollback, at(90, { state: 'promoted' as never, weight: 100 }))).toBe(rollback)
    expect(compareEnds(at(90, {}), at(1, {}))).toBe(0)
  })
})

describe('a kill switch that was counted equally often, as by a release that does not count', () => {
  it.each<[what: string, kept: number, keptOn: boolean, other: number, otherOn: boolean, enabled: boolean]>([
    ['is off if it was set in the same write', 5, true, 5, false, false],
    ['stays off if it was released in the same write', 5, false, 5, true, false],
    ['is off if it was set in a later write', 5, true, 6, false, false],
    ['is on if it was released in a later write', 5, false, 6, true, true],
    ['stays on if it was set in an earlier write', 5, true, 4, false, true],
  ])('%s', (_, kept, keptOn, other, otherOn, enabled) => {
    const result = withLaterSwitch(at(kept, { enabled: keptOn }), at(other, { enabled: otherOn }))
    expect(result.state.enabled).toBe(enabled)
    expect(result.revision).toBe(kept)
  })
})

describe('two rollouts with the same revision', () => {
  it('are the same write only if they have the same tag, and nothing was changed since', () => {
    const one = at(5, { step: 1 })
    expect(isSameWrite(one, structuredClone(one))).toBe(true)
    const others = [at(5, { step: 2 }), at(5, { step: 1, epoch: 2 }), { ...one, tag: 'b.5' }]
    expect(others.map((other) => isSameWrite(one, other))).toEqual([false, false, false])
    expect(isSameWrite(one, at(5, { step: 1, enabled: false }))).toBe(false)
    expect(isSameWrite(one, at(5, { step: 1, state: 'paused' as never }))).toBe(false)
  })
})
