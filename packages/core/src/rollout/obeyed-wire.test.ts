import { describe, expect, it } from 'vitest'
import { obeyedWire } from './obeyed-wire.js'
import type { Wire } from './records.js'
import { stored } from './rollout.fixture.js'
import { idleState, type RolloutState } from './state.js'

const known = stored({
  state: { ...idleState, state: 'progressing', epoch: 2, step: 2, visit: 3, weight: 50 } as RolloutState,
})

const wire = ({ route, ...changed }: { route?: Partial<Wire['route']> } & Partial<Omit<Wire, 'route'>>): Wire => ({
  wire: 1,
  route: { epoch: 2, visit: 3, step: 2, weight: 50, active: true, ...route },
  status: 'progressing',
  rev: 9,
  switch: { on: true, n: 0 },
  ...changed,
})

describe('what is obeyed of a head that a newer release wrote', () => {
  it.each([
    ['a rollback', wire({ status: 'rolled-back', route: { weight: 0 } }), { state: 'rolled-back', weight: 0 }],
    ['the kill switch', wire({ switch: { on: false, n: 1 } }), { state: 'progressing', enabled: false }],
    ['a lower weight', wire({ route: { weight: 2, visit: 4 } }), { state: 'progressing', weight: 2 }],
    ['a lower weight of a later epoch', wire({ route: { epoch: 3, weight: 5 } }), { weight: 5 }],
  ])('is %s', (_, head, expected) => {
    expect(obeyedWire(known, head).state).toMatchObject(expected)
  })

  it.each([
    ['a higher weight', wire({ route: { weight: 100 } })],
    ['a promotion', wire({ status: 'promoted', route: { weight: 100 } })],
    ['a rollback of an earlier epoch', wire({ status: 'rolled-back', route: { epoch: 1, weight: 0 } })],
    ['a state that this release does not know', wire({ status: 'shadowing' as never })],
  ])('is not %s', (_, head) => {
    expect(obeyedWire(known, head).state).toEqual(known.state)
  })
})
