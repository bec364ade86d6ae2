import { expect, it } from 'vitest'
import { createWorld } from './controller.fixture.js'

const MINUTE = 60_000

it('counts the points of a controller from what its source returns, with each step to its end', async () => {
  const world = createWorld()
  const controller = world.make()
  expect(await controller.points()).toEqual([])
  await controller.start()
  while (controller.status().state !== 'promoted') await world.clock.advance(15_000)
  const points = await controller.points()
  const spans = points.map(({ from, to }) => to - from)
  expect(Math.max(...spans)).toBeLessThanOrEqual(MINUTE + 15_000)
  for (const [at, { from }] of points.slice(1).entries()) expect(from).toBeGreaterThanOrEqual(points[at]!.to)
  const weights = [...new Set(points.map(({ weight }) => weight))]
  expect(weights).toEqual([...weights].sort((a, b) => a - b))
  const [before] = points
  const last = points.at(-1)!
  const served = points.reduce((total, { canary }) => total + canary.requests, 0)
  expect(served / ((last.to - before!.from) / 1_000)).toBeGreaterThan(0.9 * world.traffic.perSecond)
  expect(served / ((last.to - before!.from) / 1_000)).toBeLessThanOrEqual(world.traffic.perSecond)
  await world.clock.advance(10 * MINUTE)
  expect(await controller.points()).toEqual(points) // nothing is read any more
})

it('goes on with the points of the process before where a new one makes each round', async () => {
  const world = createWorld()
  for (let minute = 0; minute < 12; minute += 1) {
    const controller = world.make()
    const round = controller.evaluate()
    await Promise.all([round, world.clock.advance(0)])
    await controller.close()
    await world.clock.advance(MINUTE)
  }
  const points = await world.make().points()
  expect(points.map(({ weight }) => weight)).toEqual([2, 10, 50, 100])
  const perSecond = points.map(({ from, to, canary }) => (1_000 * canary.requests) / (to - from))
  for (const rate of perSecond) expect(rate).toBeCloseTo(world.traffic.perSecond, 0)
  for (const { from, to } of points) expect(to - from).toBe(MINUTE)
})
