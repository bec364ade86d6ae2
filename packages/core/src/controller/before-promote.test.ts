import { manualClock } from '@model-canary/testing'
import { describe, expect, it, vi } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import type { Judge } from '../judging/judge.js'
import { type Gate, type GateFunction, type GateRequest, linearPlan } from '../rollout/plan.js'
import { createWorld, heard } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'

const SECOND = 1_000
const MINUTE = 60_000

/** What a JavaScript program may pass for a gate function. */
const answering = (answer: unknown) => (() => answer) as GateFunction

/** A plan whose steps have a gate of their own, besides what is asked before every step. */
const planWith = (gate?: Gate) =>
  linearPlan([10, 50, 100], {
    minDurationMs: MINUTE,
    minRequests: 100,
    gateTimeoutMs: 20_000,
    ...(gate === undefined ? {} : { gate }),
  })

/** A rollout after 75 s, 45 of them in step 1: at the next look it would go on. */
async function beforeStep2(options: Partial<ControllerOptions>) {
  const world = createWorld()
  const controller = world.make({ plan: planWith(), ...options })
  await controller.start()
  await world.clock.advance(75 * SECOND)
  expect(controller.status().step).toBe(1)
  return { world, clock: world.clock, controller, alerts: heard(controller, 'alert') }
}

describe('beforePromote', () => {
  it('is called when the step needs nothing else, and the step goes on in the same round', async () => {
    const beforePromote = vi.fn<GateFunction>(() => true)
    const { clock, controller } = await beforeStep2({ beforePromote })
    expect(beforePromote).not.toHaveBeenCalled()
    await clock.advance(15 * SECOND)
    expect(beforePromote).toHaveBeenCalledTimes(1)
    expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
  })

  it('is called before the rollout leaves each step of the plan, with the status of the rollout', async () => {
    const asked: GateRequest[] = []
    const beforePromote: GateFunction = async (request) => asked.push(request) > 0
    const { clock, controller } = await beforeStep2({ beforePromote })
    await clock.advance(10 * MINUTE)
    expect(controller.status().state).toBe('promoted')
    expect(asked.map(({ signal: _, ...place }) => place)).toEqual([
      { epoch: 1, step: 1, weight: 10 },
      { epoch: 1, step: 2, weight: 50 },
      { epoch: 1, step: 3, weight: 100 },
    ])
    for (const { signal } of asked) expect(signal).toBeInstanceOf(AbortSignal)
  })

  it.each([false, 1, 'true', undefined, null, {}, Promise.resolve('yes')])(
    'that answers %o holds, with one alert, and is asked at every look',
    async (answer) => {
      const beforePromote = vi.fn(answering(answer))
      const { clock, controller, alerts } = await beforeStep2({ beforePromote })
      await clock.advance(MINUTE)
      expect(controller.status()).toMatchObject({ step: 1, weight: 10, waitingFor: 'gate', internalErrors: {} })
      expect(alerts.map(({ about }) => about)).toEqual(['gate'])
      expect(beforePromote).toHaveBeenCalledTimes(4)
    },
  )

  it.each<[what: string, beforePromote: GateFunction]>([
    ['throws', () => expect.unreachable('the ticket is closed')],
    ['rejects', async () => expect.unreachable('the ticket is closed')],
    ['hangs', () => new Promise<never>(() => {})],
  ])('that %s holds, and is reported', async (_, beforePromote) => {
    const { clock, controller, alerts } = await beforeStep2({ beforePromote })
    await clock.advance(15 * SECOND + 20 * SECOND)
    expect(controller.status()).toMatchObject({ step: 1, weight: 10, waitingFor: 'gate' })
    expect(controller.status().internalErrors.GATE_FAILED).toBeGreaterThan(0)
    expect(alerts.map(({ about }) => about)).toEqual(['gate'])
    await clock.advance(10 * MINUTE)
    expect(controller.status().step).toBe(1)
  })

  it('has gateTimeoutMs to answer, and then gets an aborted signal', async () => {
    const signals: AbortSignal[] = []
    const beforePromote: GateFunction = ({ signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const { clock, controller } = await beforeStep2({ beforePromote })
    await clock.advance(15 * SECOND + 19_999)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    expect(controller.status().internalErrors).toEqual({})
    await clock.advance(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(controller.status().internalErrors).toEqual({ GATE_FAILED: 1 })
  })

  it('does not delay a rollback while it is pending', async () => {
    const signals: AbortSignal[] = []
    const beforePromote: GateFunction = ({ signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const { world, clock, controller } = await beforeStep2({
      beforePromote,
      plan: linearPlan([10, 50, 100], { minDurationMs: MINUTE, gateTimeoutMs: 10 * MINUTE }),
    })
    await clock.advance(15 * SECOND)
    world.traffic.errorShare = 0.5
    await clock.advance(15 * SECOND)
    expect(controller.status()).toMatchObject({ state: 'rolled-back', weight: 0, internalErrors: {} })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it.each([null, true, 'https://approve.example', {}, 1])('that is %o is refused', (beforePromote) => {
    const options = { beforePromote: beforePromote as unknown as GateFunction }
    const refused = expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('beforePromote'),
    })
    expect(() => createWorld().make(options)).toThrow(refused)
    const versions = { baseline: 'v1', canary: 'v2' }
    expect(() => createCanary({ name: 'sentiment', versions, ...options })).toThrow(refused)
  })

  it('is an option of createCanary, too', async () => {
    const clock = manualClock()
    const judge: Judge = {
      name: 'content',
      open: () => 0,
      update: (evidence) => evidence,
      decide: (_, { epoch, step }) => ({ kind: 'pass', epoch, step, checks: [] }),
    }
    const beforePromote = vi.fn<GateFunction>(() => false)
    let calls = 0
    const canary = createCanary({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      plan: linearPlan([50, 100], { minDurationMs: 30_000, minRequests: 1 }),
      warmUp: { durationMs: 0 },
      strategy: { name: 'in turn', unit: 'request', pick: () => (calls++ % 2 === 0 ? 'canary' : 'baseline') },
      judge,
      beforePromote,
      clock,
    })
    await canary.start()
    await clock.advance(0)
    const serveFor = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 5 * SECOND) {
        for (let call = 0; call < 10; call += 1) canary.begin().end()
        await clock.advance(5 * SECOND)
      }
    }
    await serveFor(MINUTE)
    expect(beforePromote).toHaveBeenCalledWith({ epoch: 1, step: 1, weight: 50, signal: expect.any(AbortSignal) })
    expect(canary.status()).toMatchObject({ step: 1, waitingFor: 'gate' })
    beforePromote.mockReturnValue(true)
    await serveFor(30 * SECOND)
    expect(canary.status().step).toBe(2)
    await canary.close()
  })
})

describe('beforePromote and the gate of a step', () => {
  it('are called one after the other, the gate first', async () => {
    const order: string[] = []
    const ask =
      (name: string): GateFunction =>
      async ({ step }) =>
        order.push(`${name} ${step}`) > 0
    const { clock } = await beforeStep2({ plan: planWith(ask('gate')), beforePromote: ask('before') })
    await clock.advance(10 * MINUTE)
    expect(order).toEqual(['gate 1', 'before 1', 'gate 2', 'before 2', 'gate 3', 'before 3'])
  })

  it.each<[what: string, gate: GateFunction]>([
    ['says no', () => false],
    ['answers with a word', answering('yes')],
    ['throws', () => expect.unreachable('closed')],
    ['hangs', () => new Promise<never>(() => {})],
  ])('do not call beforePromote if the gate %s', async (_, gate) => {
    const beforePromote = vi.fn<GateFunction>(() => true)
    const { clock, controller } = await beforeStep2({ plan: planWith(gate), beforePromote })
    await clock.advance(5 * MINUTE)
    expect(beforePromote).not.toHaveBeenCalled()
    expect(controller.status()).toMatchObject({ step: 1, waitingFor: 'gate' })
  })

  it('do not call beforePromote if the gate opens after its time', async () => {
    const open: ((answer: boolean) => void)[] = []
    const beforePromote = vi.fn<GateFunction>(() => true)
    const gate: GateFunction = () => new Promise((resolve) => open.push(resolve))
    const { clock } = await beforeStep2({ plan: planWith(gate), beforePromote })
    await clock.advance(35 * SECOND)
    open[0]!(true)
    await clock.advance(0)
    expect(beforePromote).not.toHaveBeenCalled()
  })

  it('wait for promote() if the gate is manual', async () => {
    const beforePromote = vi.fn<GateFunction>(() => true)
    const { clock, controller } = await beforeStep2({ plan: planWith('manual'), beforePromote })
    await clock.advance(10 * MINUTE)
    expect(controller.status()).toMatchObject({ step: 1, weight: 10, waitingFor: 'gate' })
    expect(await controller.promote()).toMatchObject({ step: 2, weight: 50 })
    expect(beforePromote).not.toHaveBeenCalled()
  })
})
