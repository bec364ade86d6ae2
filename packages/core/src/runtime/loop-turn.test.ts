import { manualClock } from '@model-canary/testing'
import { expect, it, vi } from 'vitest'
import { loopTurn } from './loop-turn.js'

it('resolves in a task of the clock, until which the process stays alive: a close that waits for a look has to end', async () => {
  const clock = manualClock()
  const schedule = vi.spyOn(clock, 'schedule')
  let hasTurned = false
  const turn = loopTurn(clock).then(() => {
    hasTurned = true
  })
  await Promise.resolve()
  expect(hasTurned).toBe(false)
  await clock.advance(0)
  await turn
  expect(schedule.mock.calls).toEqual([[0, expect.any(Function), { keepAlive: true }]])
})
