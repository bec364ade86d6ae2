import { describe, expect, it } from 'vitest'
import { type GateFunction, linearPlan } from '../rollout/plan.js'
import { createWorld, heard } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { troubledStore } from './store.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

/** A gate that a test answers, and how often it was asked. */
function openGate() {
  const answers: ((isOpen: boolean) => void)[] = []
  const gate: GateFunction = () => new Promise<boolean>((resolve) => answers.push(resolve))
  return {
    gate,
    asked: () => answers.length,
    answer: (isOpen: boolean) => answers.at(-1)!(isOpen),
  }
}

/** A rollout in step 1 whose gate has just been asked. */
async function atTheGate(options: Partial<ControllerOptions> = {}, store = troubledStore()) {
  const world = createWorld(store)
  const { gate, asked, answer } = openGate()
  const plan = linearPlan([10, 50, 100], { minDurationMs: MINUTE, minRequests: 100, gate, gateTimeoutMs: 10 * MINUTE })
  const controller = world.make({ plan, ...options })
  await controller.start()
  await world.clock.advance(90 * SECOND)
  expect(asked()).toBe(1)
  return { world, clock: world.clock, store, controller, asked, answer, step: () => controller.status().step }
}

type Stage = Awaited<ReturnType<typeof atTheGate>>

describe("a gate's yes", () => {
  it('is used in the same round, with what was counted up to then', async () => {
    const { clock, controller, answer, step } = await atTheGate()
    const decisions = heard(controller, 'decision')
    await clock.advance(5 * SECOND)
    answer(true)
    await clock.advance(0)
    expect(step()).toBe(2)
    expect(decisions.map(({ actor, action }) => `${actor}: ${action}`)).toEqual(['gate: hold', 'judge: advance'])
    expect(decisions.at(-1)).toMatchObject({ elapsedInStepMs: 65 * SECOND, verdict: { kind: 'pass' } })
  })

  it.each<[what: string, disturb: (stage: Stage) => Promise<unknown>]>([
    [
      'a pause',
      async ({ clock, controller }) => {
        await controller.pause()
        await clock.advance(SECOND)
        await controller.resume()
      },
    ],
    [
      'the kill switch',
      async ({ clock, controller }) => {
        await controller.disable()
        await clock.advance(SECOND)
        await controller.enable()
      },
    ],
    [
      'a metrics outage',
      async ({ clock, world }) => {
        world.source = 'rejects'
        await clock.advance(15 * SECOND)
        world.source = 'counts'
      },
    ],
  ])('from before %s is ignored, and the gate is called again', async (_, disturb) => {
    const stage = await atTheGate()
    await disturb(stage)
    stage.answer(true)
    await stage.clock.advance(0)
    expect(stage.step()).toBe(1)
    await stage.clock.advance(15 * SECOND)
    expect(stage.asked()).toBe(2)
    expect(stage.step()).toBe(1)
    stage.answer(true)
    await stage.clock.advance(0)
    expect(stage.step()).toBe(2)
  })

  it('is not known to the next process', async () => {
    const store = troubledStore()
    const { clock, world, controller, answer } = await atTheGate({}, store)
    store.mode = 'down' // so that the yes cannot be used
    answer(true)
    await clock.advance(0)
    await controller.close()
    store.mode = 'up'
    const second = openGate()
    const plan = linearPlan([10, 50, 100], { minDurationMs: MINUTE, minRequests: 100, gate: second.gate })
    const next = world.make({ plan })
    await next.start()
    await clock.advance(15 * SECOND)
    expect(next.status().step).toBe(1)
    expect(second.asked()).toBe(1)
  })

  it.each([
    ['is used while it is younger than gateValidMs', 30 * SECOND, 1, 2],
    ['is asked for anew once it is older than gateValidMs', 5 * SECOND, 2, 1],
  ])('that could not be stored at once %s', async (_, gateValidMs, asked, step) => {
    const store = troubledStore()
    const stage = await atTheGate({ gateValidMs }, store)
    store.mode = 'down'
    stage.answer(true)
    await stage.clock.advance(SECOND)
    store.mode = 'up'
    await stage.clock.advance(14 * SECOND)
    expect([stage.asked(), stage.step()]).toEqual([asked, step])
  })

  it('is ignored if the look finds something else missing', async () => {
    const { clock, world, asked, answer, step } = await atTheGate()
    world.source = 'rejects'
    answer(true)
    await clock.advance(0)
    world.source = 'counts'
    expect(step()).toBe(1)
    await clock.advance(15 * SECOND)
    expect([asked(), step()]).toEqual([2, 1])
  })

  it('is asked for again if beforePromote took longer than gateValidMs', async () => {
    const world = createWorld()
    const own: number[] = []
    let answerOther = (_: boolean) => {}
    const gate: GateFunction = () => own.push(world.clock.elapsed()) === 1
    const beforePromote: GateFunction = () => new Promise<boolean>((resolve) => (answerOther = resolve))
    const plan = linearPlan([10, 50, 100], { minDurationMs: MINUTE, minRequests: 100, gate, gateTimeoutMs: 5 * MINUTE })
    const controller = world.make({ plan, beforePromote })
    await controller.start()
    await world.clock.advance(90 * SECOND + 40 * SECOND)
    answerOther(true)
    await world.clock.advance(0)
    expect(own).toEqual([90 * SECOND, 130 * SECOND])
    expect(controller.status().step).toBe(1)
  })

  it.each([0, -1, Number.NaN, '30s'])('cannot be valid for %s ms', (gateValidMs) => {
    expect(() => createWorld().make({ gateValidMs: gateValidMs as number })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
