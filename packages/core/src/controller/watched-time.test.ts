import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { linearPlan } from '../rollout/plan.js'
import type { Clock } from '../runtime/clock.js'
import { createWorld } from './controller.fixture.js'
import { createWatchedTime } from './watched-time.js'

const SECOND = 1_000
const MINUTE = 60_000

describe('watched time', () => {
  it('is the time that passes while looks are made, at whatever distance', async () => {
    const clock = manualClock()
    const watched = createWatchedTime(clock, 15 * SECOND)
    for (const distance of [15, 15, 30, 60, 60, 10, 20].map((seconds) => seconds * SECOND)) {
      await clock.advance(distance)
      expect(watched.look()).toBe(distance)
    }
    expect(watched.now()).toBe(210 * SECOND)
  })

  it('stands still in a process that is stopped, after twice the longer of the interval and the distance before', async () => {
    const clock = manualClock()
    const watched = createWatchedTime(clock, 15 * SECOND)
    await clock.advance(60 * MINUTE)
    expect(watched.now()).toBe(30 * SECOND)
    watched.look()
    await clock.advance(20 * SECOND)
    watched.look()
    await clock.advance(60 * MINUTE)
    expect(watched.now()).toBe(30 * SECOND + 20 * SECOND + 40 * SECOND)
  })

  it('ignores looks from before a new beginning', async () => {
    const clock = manualClock()
    const watched = createWatchedTime(clock, 15 * SECOND)
    await clock.advance(60 * MINUTE)
    watched.look()
    watched.begin()
    await clock.advance(60 * MINUTE)
    expect(watched.now()).toBe(60 * SECOND)
  })
})

describe('a process that is stopped', () => {
  const plan = linearPlan([10, 50, 100], { minDurationMs: 10 * MINUTE, minRequests: 100 })

  it.each(['a look', 'a verb'])('does not count the stop as watched (first comes %s)', async (first) => {
    const world = createWorld()
    let stoppedMs = 0 // time passes, and nothing runs
    const clock: Clock = {
      now: () => world.clock.now() + stoppedMs,
      elapsed: () => world.clock.elapsed() + stoppedMs,
      schedule: world.clock.schedule,
    }
    const controller = world.make({ plan, clock })
    await controller.start()
    while (controller.status().step < 1) await world.clock.advance(15 * SECOND)
    await world.clock.advance(60 * SECOND)
    stoppedMs = 60 * MINUTE
    if (first === 'a verb') await controller.pause().then(() => controller.resume())
    expect(controller.status().elapsedInStepMs).toBe(90 * SECOND)
    await world.clock.advance(30 * SECOND)
    expect(controller.status()).toMatchObject({ step: 1, elapsedInStepMs: 105 * SECOND })
  })

  it('is not credited the time over a restart', async () => {
    const world = createWorld()
    const one = world.make({ plan })
    await one.start()
    while (one.status().step < 1) await world.clock.advance(15 * SECOND)
    await world.clock.advance(60 * SECOND)
    await one.close()
    await world.clock.advance(5 * MINUTE)
    const other = world.make({ plan })
    await other.start()
    await world.clock.advance(15 * SECOND)
    expect(other.status().elapsedInStepMs).toBe(75 * SECOND)
  })
})
