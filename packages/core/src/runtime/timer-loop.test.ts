import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createTimerLoop } from './timer-loop.js'

/** A loop whose runs a test ends by hand. */
function scene() {
  const clock = manualClock()
  const ends: (() => void)[] = []
  const world = { isWanted: true }
  const run = () => new Promise<void>((end) => ends.push(end))
  const loop = createTimerLoop({ clock, intervalMs: 1_000, run, isWanted: () => world.isWanted })
  return { clock, ends, world, loop }
}

describe('a timer loop', () => {
  it('runs the next run an interval after the end of the previous one, even a slow one', async () => {
    const { clock, ends, loop } = scene()
    loop.arm()
    await clock.advance(10_000)
    expect(ends).toHaveLength(1)
    ends[0]!()
    await clock.advance(999)
    expect(ends).toHaveLength(1)
    await clock.advance(1)
    expect(ends).toHaveLength(2)
  })

  it('schedules no run while one is in progress', async () => {
    const { clock, ends, loop } = scene()
    loop.arm()
    await clock.advance(1_000)
    loop.arm()
    await clock.advance(10_000)
    expect([ends.length, clock.pending]).toEqual([1, 0])
  })

  it('does nothing if no run is wanted, and after stop', async () => {
    const { clock, ends, world, loop } = scene()
    loop.arm()
    world.isWanted = false
    loop.arm()
    expect(clock.pending).toBe(0)
    world.isWanted = true
    loop.arm()
    loop.stop()
    loop.arm()
    await clock.advance(10_000)
    expect([ends.length, clock.pending]).toEqual([0, 0])
  })
})
