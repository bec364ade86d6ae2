import { expect, it } from 'vitest'
import { counted } from '../rollout/rollout.fixture.js'
import { createWorld, heard } from './controller.fixture.js'

it('counts of several processes that fall are told once, and are not counted twice', async () => {
  const world = createWorld()
  let requests = 0
  const controller = world.make({ source: { read: async () => ({ ...counted(requests), isShared: true }) } })
  const alerts = heard(controller, 'alert')
  await controller.start()
  const looked = async (count: number) => {
    requests = count
    await world.clock.advance(15_000)
    return controller.status().requests
  }
  while (controller.status().step < 1) await looked(200)
  await looked(0)
  expect(await looked(60)).toEqual({ baseline: 60, canary: 60 })
  expect(await looked(40)).toEqual({ baseline: 60, canary: 60 })
  expect(await looked(55)).toEqual({ baseline: 75, canary: 75 })
  expect(await looked(30)).toEqual({ baseline: 75, canary: 75 })
  expect(alerts.map(({ about, message }) => [about, message])).toEqual([['source', expect.stringContaining('fell')]])
})
