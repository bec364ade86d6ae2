import { describe, expect, it } from 'vitest'
import type { RolloutEvent } from './event.js'
import { retell } from './retell.js'
import { after, looked, passed } from './rollout.fixture.js'
import { idleState, isReduction, type RolloutState } from './state.js'

const atStep1 = after([{ type: 'start' }, { type: 'warmed' }, passed])
const atStep2 = after([{ type: 'promote' }], atStep1)
const failing: RolloutEvent = looked(atStep1, 'fail', { response: 'rollback' })
const slow: RolloutEvent = looked(atStep1, 'fail', { response: 'demote' })
const rolledBack = after([failing], atStep1)
const demoted = after([slow], atStep1)

describe('a change that is true here, told to what somebody else wrote', () => {
  it.each<[what: string, event: RolloutEvent, ours: RolloutState, theirs: RolloutState, expected: unknown]>([
    [
      'a rollback goes over a later step',
      failing,
      rolledBack,
      atStep2,
      { type: 'rollback', reason: rolledBack.reason },
    ],
    ['a rollback goes over a demotion', failing, rolledBack, demoted, { type: 'rollback', reason: rolledBack.reason }],
    [
      'a rollback goes over a promotion',
      failing,
      rolledBack,
      after([{ type: 'promote', full: true }], atStep1),
      { type: 'rollback', isByOperator: true, reason: rolledBack.reason },
    ],
    ['a rollback gives way to another one', failing, rolledBack, after([{ type: 'rollback' }], atStep1), undefined],
    ['a rollback gives way to a newer epoch', failing, rolledBack, { ...atStep1, epoch: 2 }, undefined],
    ['a rollback gives way to other versions', failing, rolledBack, { ...idleState, epoch: 1 }, undefined],
    ['a rollback goes over an older epoch', failing, { ...rolledBack, epoch: 2 }, atStep1, 'ours'],
    [
      'a demotion goes over a later step',
      slow,
      demoted,
      atStep2,
      expect.objectContaining({ type: 'analyzed', verdict: expect.objectContaining({ step: 2 }) }),
    ],
    ['a demotion is not made twice, which would roll back', slow, demoted, demoted, undefined],
    [
      'the kill switch goes over everything',
      { type: 'disable' },
      after([{ type: 'disable' }], atStep1),
      { ...atStep1, epoch: 2 },
      { type: 'disable' },
    ],
  ])('%s', (_, event, ours, theirs, expected) => {
    expect(retell(event, ours, theirs)).toEqual(expected)
  })
})

describe('less canary', () => {
  it.each<[what: string, before: RolloutState, next: RolloutState, expected: boolean]>([
    ['a rollback', atStep1, rolledBack, true],
    ['a demotion', atStep1, demoted, true],
    ['the kill switch', atStep1, after([{ type: 'disable' }], atStep1), true],
    ['a rollback of what is switched off', { ...atStep1, enabled: false }, { ...rolledBack, enabled: false }, true],
    ['a step', atStep1, atStep2, false],
    ['a pause', atStep1, after([{ type: 'pause' }], atStep1), false],
    [
      'a retry, though it begins at 0',
      after([{ type: 'promote', full: true }], atStep1),
      { ...atStep1, epoch: 2, weight: 0 },
      false,
    ],
  ])('is told from the rest: %s', (_, before, next, expected) => {
    expect(isReduction(before, next)).toBe(expected)
  })
})
