import { describe, expect, it } from 'vitest'
import { createWorld } from '../controller/controller.fixture.js'
import { counted } from '../rollout/rollout.fixture.js'
import { stage } from '../serving/stage.fixture.js'

const LOOK_MS = 15_000

describe('the counts of a status', () => {
  it('are those of now, not those of the last look', async () => {
    const { canary, clock } = await stage()
    await clock.advance(LOOK_MS)
    expect(canary.status()).toMatchObject({ requests: { baseline: 0, canary: 0 }, share: null })
    canary.begin().end()
    canary.record({ variant: 'baseline', durationMs: 5, outcome: 'error' })
    const underWay = canary.begin()
    expect(canary.status()).toMatchObject({ requests: { baseline: 1, canary: 1 }, share: 200 / 3 })
    expect(canary.status().waits.find(({ for: what }) => what === 'data')).toBeUndefined()
    underWay.end()
    expect(canary.status().requests).toEqual({ baseline: 1, canary: 2 })
  })

  it('count every request once: between looks, at a look, and in the listeners of its decision', async () => {
    const { canary, clock } = await stage()
    const heard: number[] = []
    canary.on('decision', () => heard.push(canary.status().requests.canary))
    for (let second = 1; second <= 40; second += 1) {
      canary.begin().end()
      expect(canary.status().requests.canary).toBe(second)
      await clock.advance(1_000)
      expect(canary.status().requests.canary).toBe(second)
    }
    expect(heard).toEqual([15, 30])
  })

  it('begin at zero with a step, and stay as they were at the end', async () => {
    const { canary, clock } = await stage()
    for (let request = 0; request < 3; request += 1) canary.begin().end()
    await canary.promote()
    await clock.advance(0)
    expect(canary.status()).toMatchObject({ step: 2, requests: { baseline: 0, canary: 0 } })
    canary.begin().end()
    expect(canary.status().requests.canary).toBe(1)
    await clock.advance(LOOK_MS)
    await canary.rollback()
    canary.begin().end()
    expect(canary.status()).toMatchObject({ state: 'rolled-back', requests: { baseline: 0, canary: 1 }, share: null })
  })

  it('are those of the last look if the source counts elsewhere, or its peek fails', async () => {
    let answered = 100
    const read = async () => counted(answered)
    const peek = () => {
      throw new Error('not yet')
    }
    for (const source of [{ read }, { read, peek }]) {
      const world = createWorld()
      const controller = world.make({ source, warmUp: { durationMs: 0 } })
      await controller.start()
      await world.clock.advance(LOOK_MS)
      answered = 900
      expect(controller.status().requests).toEqual({ baseline: 100, canary: 100 })
      await controller.close()
      answered = 100
    }
  })

  it('let explain() say that the first requests have come since the last look', async () => {
    const { canary, clock } = await stage()
    await clock.advance(10 * LOOK_MS)
    expect(canary.explain()).toContain('Waiting for data: no finished request of the canary')
    canary.begin().end()
    expect(canary.explain()).toContain('Waiting for data: the canary has finished 1 since the last look.')
  })
})
