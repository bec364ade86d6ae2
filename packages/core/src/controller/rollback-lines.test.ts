import { manualClock } from '@model-canary/testing'
import { expect, it, vi } from 'vitest'
import type { CanaryOptions } from '../canary/canary-options.js'
import { createCanary } from '../canary/create-canary.js'
import type { Outcome } from '../foundation/vocabulary.js'
import { createRoutes } from '../http/routes/create-routes.js'
import { tripwire } from '../recorder/tripwire.js'
import { linearPlan } from '../rollout/plan.js'
import type { Strategy } from '../routing/strategy.js'
import { createWorld, type World } from './controller.fixture.js'
import type { Controller } from './controller-contract.js'
import type { ControllerOptions } from './controller-options.js'
import { memoryStore } from './memory-store.js'

const MINUTE = 60_000

/** A logger that keeps its lines; `lines` returns those about a rollback. */
function keepingLogger() {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const lines = () =>
    [logger.info, logger.warn, logger.error]
      .flatMap(({ mock }) => mock.calls.flat())
      .filter((line) => /roll/.test(line))
  return { logger, lines }
}

/** A controller in step 1 that logs, and its lines about a rollback from then on. */
async function logged(world: World, options: Partial<ControllerOptions> = {}) {
  const { logger, lines } = keepingLogger()
  const controller = world.make({ logger, ...options })
  await controller.start()
  await world.clock.advance(MINUTE)
  expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
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
    (world) => void Object.assign(world.traffic, { perSecond: 10, errorShare: 0.5 }),
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
    (world) => void Object.assign(world.traffic, { perSecond: 0, errorShare: 0 }),
    / by clock, .*: not promoted after \d+ s/,
    { maxDurationMs: 2 * MINUTE, onStall: 'rollback' },
  ],
  [
    'silence of the canary',
    (world) => void (world.source = 'no-canary'),
    / by judge, .*: no finished request of the canary for \d+ min/,
    { onSilence: { afterMs: MINUTE, action: 'rollback' } },
  ],
]

it.each(WAYS)('is logged once, with who decided and units: %s', async (_, harm, begins, options = {}) => {
  const world = createWorld()
  const { controller, lines } = await logged(world, options)
  await harm(world, controller)
  await world.clock.advance(2 * MINUTE)
  expect(controller.status().state).toBe('rolled-back')
  expect(lines()).toEqual([
    expect.stringMatching(/^\[canary sentiment\] rolled back by .*, to 0 % instead of \d+ % of the /),
  ])
  expect(lines()[0]).toMatch(begins)
})

/** A strategy that sends every second request to the canary while the canary gets any. */
function inTurn(): Strategy {
  let requests = 0
  return {
    name: 'in-turn',
    unit: 'request',
    pick: (_, weight) => (weight > 0 && ++requests % 2 === 0 ? 'canary' : 'baseline'),
  }
}

/** A canary that splits the traffic of this process and logs. */
function serving(options: Partial<CanaryOptions> = {}) {
  const clock = manualClock()
  const { logger, lines } = keepingLogger()
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 60 * MINUTE }),
    warmUp: { durationMs: 0 },
    strategy: inTurn(),
    logger,
    clock,
    ...options,
  })
  const serve = async (requests: number, outcome: Outcome) => {
    for (let request = 0; request < requests; request += 1) {
      const flight = canary.begin()
      flight.end({ outcome: flight.variant === 'canary' ? outcome : 'success' })
    }
    await clock.advance(1_000)
  }
  return { canary, clock, lines, serve }
}

/** What rolls back in a process that calls the models, and how its line goes on. */
const IN_PROCESS: readonly [string, (world: ReturnType<typeof serving>) => unknown, RegExp][] = [
  [
    'the tripwire',
    ({ serve }) => serve(60, 'error'),
    / by tripwire, .* in step 1, \d+ canary and \d+ baseline requests\): 10 canary errors in a row$/,
  ],
  [
    'a failed warm-up',
    ({ canary }) => {
      const broken = () => {
        throw new Error('no weights')
      }
      canary.wrap({ baseline: () => 'v1', canary: broken }, { warmUp: { inputs: [[]] } })
    },
    / by warm-up, .*: .*no weights/,
  ],
  [
    'the HTTP verb',
    async ({ canary }) => {
      const routes = createRoutes(canary, { authorize: () => true })
      const query = new URLSearchParams()
      const headers = { 'content-type': 'application/json' }
      const body = async () => ({ actor: 'anna', reason: 'odd answers' })
      const answer = await routes({ method: 'POST', path: '/rollback', query, headers, request: null, body })
      expect(answer?.status).toBe(200)
    },
    / by anna, .* in step 1, \d+ canary and \d+ baseline requests\): odd answers$/,
  ],
]

it.each(IN_PROCESS)('is logged once by the process that calls the models: %s', async (_, harm, begins) => {
  const world = serving({ tripwire: tripwire() })
  const { canary, clock, lines, serve } = world
  await canary.start()
  await serve(60, 'success')
  expect(canary.status()).toMatchObject({ state: 'progressing', step: 1, weight: 50 })
  expect(lines()).toEqual([])
  await harm(world)
  await clock.advance(2 * MINUTE)
  expect(canary.status().state).toBe('rolled-back')
  expect(lines()).toEqual([
    expect.stringMatching(/^\[canary sentiment\] rolled back by .*, to 0 % instead of 50 % of the /),
  ])
  expect(lines()[0]).toMatch(begins)
})

it('is logged once when the warm-up function rejects at the start', async () => {
  const run = async () => {
    throw new Error('no weights')
  }
  const { canary, clock, lines } = serving({ warmUp: { run } })
  await canary.start()
  await clock.advance(MINUTE)
  expect(canary.status().state).toBe('rolled-back')
  expect(lines()).toEqual([expect.stringMatching(/ rolled back by warm-up, .* in the warm-up, .*no weights/)])
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
    expect.stringMatching(/^\[canary sentiment\] rolled back by anna, to 0 % instead of \d+ % of /),
  ])
})
