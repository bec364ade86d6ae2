import { describe, expect, it } from 'vitest'
import { createWorld } from './controller.fixture.js'
import type { Controller } from './controller-contract.js'

/** A bound, without which a listener that starves the event loop would starve this test as well. */
const MANY = 2_000

/** Returns how many decisions a listener that answers each one with a verb makes in one turn of the event loop. */
async function decisionsInATurn(
  answer: (controller: Controller, action: string) => Promise<unknown> | undefined,
  begin: (controller: Controller) => Promise<unknown>,
): Promise<number> {
  const controller = createWorld().make()
  await controller.start()
  let decisions = 0
  controller.on('decision', ({ action }) => {
    decisions += 1
    return decisions < MANY ? answer(controller, action) : undefined
  })
  await begin(controller)
  await new Promise((resolve) => setImmediate(resolve))
  const inATurn = decisions
  decisions = MANY
  await controller.close()
  return inATurn
}

describe('a listener that answers each decision with a verb', () => {
  it('does not keep the event loop from turning: rollback and retry', async () => {
    const answer = (controller: Controller, action: string) =>
      action === 'rollback' ? controller.retry() : action === 'retry' ? controller.rollback() : undefined
    expect(await decisionsInATurn(answer, (controller) => controller.rollback())).toBeLessThan(100)
  })

  it('does not keep the event loop from turning: pause and resume', async () => {
    const answer = (controller: Controller, action: string) =>
      action === 'pause' ? controller.resume() : action === 'resume' ? controller.pause() : undefined
    expect(await decisionsInATurn(answer, (controller) => controller.pause())).toBeLessThan(100)
  })

  it('does not keep the event loop from turning: the kill switch', async () => {
    const answer = (controller: Controller, action: string) =>
      action === 'disable' ? controller.enable() : action === 'enable' ? controller.disable() : undefined
    expect(await decisionsInATurn(answer, (controller) => controller.disable())).toBeLessThan(100)
  })
})

it('verbs keep their order, also where some of them wait for a turn', async () => {
  const controller = createWorld().make()
  await controller.start()
  const made: string[] = []
  controller.on('decision', ({ action, actor }) => actor === 'operator' && made.push(action))
  const expected = Array.from({ length: 100 }, (_, call) => (call % 2 === 0 ? 'pause' : 'resume') as 'pause' | 'resume')
  await Promise.all(expected.map((verb) => controller[verb]()))
  expect(made).toEqual(expected)
  await controller.close()
})
