import { expect, it, vi } from 'vitest'
import { createWorld, type World } from './controller.fixture.js'
import type { Controller } from './controller-contract.js'
import type { ControllerOptions } from './controller-options.js'
import { memoryStore } from './memory-store.js'

const MINUTE = 60_000

/** A controller in step 1 that logs, and its lines about a rollback from then on. */
async function logged(world: World, options: Partial<ControllerOptions> = {}) {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const controller = world.make({ logger, ...options })
  await controller.start()
  await world.clock.advance(MINUTE)
  expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
  const lines = () =>
    [logger.info, logger.warn, logger.error]
      .flatMap(({ mock }) => mock.calls.flat())
      .filter((line) => /roll/.test(line))
  expect(lines()).toEqual([])
  return { controller, lines }
}

/** What rolls back, and how its line begins. */
const WAYS: readonly [
  string,
  (world: World, controller: Controller) => unknown,
  RegExp,
  Partial<ControllerOptions>?,
][] = [
  [
    'the judge',
    (world) => void (world.traffic = { perSecond: 10, errorShare: 0.5 }),
    / by judge, .*\(after \d+ s in step 1, \d+ canary and \d+ baseline requests\): errorRate: .* % /,
  ],
  [
    'a person',
    (_, controller) => controller.rollback({ actor: 'anna', reason: 'odd answers' }),
    / by anna, .*\(after \d+ s in step 1, \d+ canary and \d+ baseline requests\): odd answers$/,
  ],
  [
    'a person whose target fails',
    (world, controller) => {
      world.target = 'rejects'
      controller.rollback({ actor: 'anna' }).catch(() => {})
    },
    / by anna, /,
  ],
  [
    'the time limit',
    (world) => void (world.traffic = { perSecond: 0, errorShare: 0 }),
    / by clock, .*: not promoted after \d+ s/,
    { maxDurationMs: 2 * MINUTE, onStall: 'rollback' },
  ],
]

it.each(WAYS)('is logged once, with who decided and units: %s', async (_, harm, begins, options = {}) => {
  const world = createWorld()
  const { controller, lines } = await logged(world, options)
  await harm(world, controller)
  await world.clock.advance(2 * MINUTE)
  expect(controller.status().state).toBe('rolled-back')
  expect(lines()).toEqual([
    expect.stringMatching(/^\[canary sentiment\] rolled back by .*gets 0 % instead of \d+ % of the /),
  ])
  expect(lines()[0]).toMatch(begins)
})

it('is logged once in each process that shares the store, with who decided', async () => {
  const world = createWorld(memoryStore())
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const controller = world.make()
  await controller.start()
  await world.make({ logger }).start()
  await world.clock.advance(MINUTE)
  await controller.rollback({ actor: 'anna' })
  await world.clock.advance(MINUTE)
  const lines = [logger.info, logger.warn, logger.error].flatMap(({ mock }) => mock.calls.flat())
  expect(lines.filter((line) => /roll/.test(line))).toEqual([
    expect.stringMatching(/^\[canary sentiment\] rolled back by anna, the canary gets 0 % instead of \d+ % of /),
  ])
})
