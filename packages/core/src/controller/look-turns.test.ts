import { describe, expect, it } from 'vitest'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { counted } from '../rollout/rollout.fixture.js'
import type { Clock } from '../runtime/clock.js'
import { createWorld } from './controller.fixture.js'
import { memoryStore } from './memory-store.js'

/** A rollout in its first step whose parts note in which task of the clock they were called. */
async function noted() {
  const world = createWorld()
  const notes: (readonly [what: string, task: number])[] = []
  let task = 0
  const note = (what: string) => void notes.push([what, task])
  const clock: Clock = {
    ...world.clock,
    schedule: (delayMs, run, options) =>
      world.clock.schedule(
        delayMs,
        () => {
          task += 1
          run()
        },
        options,
      ),
  }
  const inner = { store: memoryStore(), judge: thresholdJudge({ minSamples: 50 }) }
  const controller = world.make({
    clock,
    warmUp: { durationMs: 0 },
    plan: [10, 100],
    source: {
      read: async () => {
        note('read')
        const requests = Math.round(world.clock.elapsed() / 100)
        return counted(requests, Math.round(requests * world.traffic.errorShare))
      },
    },
    judge: {
      ...inner.judge,
      decide(...asked) {
        note('judge')
        return inner.judge.decide(...asked)
      },
    },
    store: {
      ...inner.store,
      write(...asked) {
        note('write')
        return inner.store.write(...asked)
      },
    },
    target: { apply: async ({ weight }) => note(`apply ${weight}`) },
  })
  await controller.start()
  await world.clock.advance(14_000)
  notes.length = 0
  return { world, controller, notes }
}

describe('a look', () => {
  it('reads, judges and writes in turns of the event loop of their own', async () => {
    const { world, notes } = await noted()
    await world.clock.advance(2_000)
    expect(notes.map(([what]) => what)).toEqual(['read', 'judge', 'write'])
    expect(new Set(notes.map(([, task]) => task)).size).toBe(3)
  })

  it('takes the canary away in the turn in which the judge finds harm', async () => {
    const { world, controller, notes } = await noted()
    world.traffic.errorShare = 0.5
    await world.clock.advance(2_000)
    const [, judged] = notes.find(([what]) => what === 'judge')!
    expect(notes).toContainEqual(['apply 0', judged])
    expect(controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('that somebody waits for does not wait for the loop', async () => {
    const { controller, notes } = await noted()
    await controller.evaluate()
    expect(new Set(notes.map(([, task]) => task)).size).toBe(1)
  })
})
