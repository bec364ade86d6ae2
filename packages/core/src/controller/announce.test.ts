import { expect, it } from 'vitest'
import { createWorld, heard } from './controller.fixture.js'

it('emits an end once: a process that starts later has it in the status, and emits nothing', async () => {
  const world = createWorld()
  const first = world.make()
  const told = heard(first, 'rolled-back')
  await first.start()
  await first.rollback({ reason: 'not today' })
  expect(told).toMatchObject([{ reason: 'not today' }])
  const second = world.make()
  const toldLater = [heard(second, 'rolled-back'), heard(second, 'promoted')]
  const { state, reason } = await second.start()
  expect({ state, reason }).toEqual({ state: 'rolled-back', reason: 'not today' })
  await world.clock.advance(60_000)
  expect(toldLater).toEqual([[], []])
})

it('emits an end in a replica if another replica decided it', async () => {
  const world = createWorld()
  const [first, second] = [world.make(), world.make()]
  await first.start()
  await second.start()
  const told = heard(second, 'rolled-back')
  await first.rollback({ reason: 'not today' })
  await world.clock.advance(1_000)
  expect(told).toMatchObject([{ reason: 'not today' }])
})
