import { assertType, describe, it } from 'vitest'
import { idleState, type LiveState, type RolloutState } from './state.js'

const { state: _, ...rest } = idleState

describe('a rollout state', () => {
  it('can be idle, running, paused or ended', () => {
    assertType<RolloutState>({ ...rest, state: 'progressing', waitingFor: 'time' })
    assertType<RolloutState>({ ...rest, state: 'paused', pause: { from: 'baking', untilMs: null } })
    assertType<RolloutState>({ ...rest, state: 'rolled-back', reason: 'too many errors' })
  })

  it('cannot be paused without a pause, or have one otherwise', () => {
    // @ts-expect-error a paused state says what it interrupted
    assertType<RolloutState>({ ...rest, state: 'paused' })
    // @ts-expect-error a running state has no pause
    assertType<RolloutState>({ ...rest, state: 'baking', pause: { from: 'baking', untilMs: null } })
  })

  it('cannot have ended without a reason, wait for something then, or be live with one', () => {
    // @ts-expect-error an end has a reason
    assertType<RolloutState>({ ...rest, state: 'promoted' })
    // @ts-expect-error nothing is waited for after the end
    assertType<RolloutState>({ ...rest, state: 'promoted', reason: 'all steps passed', waitingFor: 'time' })
    // @ts-expect-error a live state has not ended
    assertType<RolloutState>({ ...rest, state: 'warming', reason: 'all steps passed' })
  })

  it('is live only if it is neither idle nor ended', () => {
    // @ts-expect-error idle is not live
    assertType<LiveState>({ ...rest, state: 'idle' })
  })
})
