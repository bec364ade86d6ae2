import { describe, expect, it } from 'vitest'
import type { Judge } from '../judging/judge.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { createWorld } from './controller.fixture.js'

describe('a change', () => {
  it('is made once, when it is written, unless it takes canary away', async () => {
    const world = createWorld()
    const opened: number[] = [] // a change of the step opens the evidence of the next one
    const inner = thresholdJudge({ minSamples: 50 })
    const judge: Judge = {
      ...inner,
      open(previous, context) {
        opened.push(context.step)
        return inner.open(previous, context)
      },
    }
    const controller = world.make({ judge })
    await controller.start()
    await world.clock.advance(0)
    opened.length = 0
    await world.clock.advance(120_000)
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 2 })
    expect(opened).toEqual([1, 2])
  })
})
