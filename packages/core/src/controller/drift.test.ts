import { describe, expect, it } from 'vitest'
import type { Drift, MetricsSource, SourceWindow, Target } from '../rollout/ports.js'
import { counted } from '../rollout/rollout.fixture.js'
import { createWorld, heard } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000
const NEW_YEAR = Date.UTC(2026, 0, 1)

const byHand: Drift = { weight: 40, message: 'The route sends 40 % to the canary; 10 % was applied.' }

/** A rollout whose target somebody else can change, over a source that counts from `openedAt`. */
function drifting(options: Partial<ControllerOptions> = {}) {
  const world = createWorld()
  const applied: number[] = []
  const windows: SourceWindow[] = []
  const watches = { begun: 0, ended: 0 }
  let tell = (_drift: Drift | null) => {}
  const read: MetricsSource['read'] = async (window) => {
    windows.push(window)
    if (world.source === 'rejects') throw new Error('prometheus is down')
    const { perSecond } = world.traffic
    const requests = Math.round(((world.clock.now() - window.openedAt) / SECOND) * perSecond)
    return world.source === 'no-data' ? 'no-data' : counted(requests, Math.round(world.traffic.served().errors))
  }
  const target: Target = {
    apply: async ({ weight }) => void applied.push(weight),
    watch(listener) {
      watches.begun += 1
      tell = listener
      return () => void (watches.ended += 1)
    },
  }
  const controller = world.make({ source: { read }, target, ...options })
  return {
    world,
    clock: world.clock,
    controller,
    applied,
    windows,
    watches,
    tell: (drift: Drift | null) => tell(drift),
  }
}

/** The same after a minute: 30 s in step 1, at 10 percent, and one look just over. */
async function inStep1(options?: Partial<ControllerOptions>) {
  const staged = drifting(options)
  await staged.controller.start()
  await staged.clock.advance(MINUTE)
  return staged
}

describe('the watch of a target', () => {
  it('begins when the rollout is live, once, and goes on after it is promoted, until close()', async () => {
    const { clock, controller, watches } = drifting()
    await clock.advance(MINUTE)
    expect(watches).toEqual({ begun: 0, ended: 0 })
    await controller.start()
    expect(watches).toEqual({ begun: 1, ended: 0 })
    await clock.advance(3 * MINUTE)
    expect([controller.status().state, watches]).toEqual(['baking', { begun: 1, ended: 0 }])
    await clock.advance(MINUTE)
    expect([controller.status().state, watches]).toEqual(['promoted', { begun: 1, ended: 0 }])
    await controller.close()
    expect(watches).toEqual({ begun: 1, ended: 1 })
  })

  it('goes on after a rollback, and with retry()', async () => {
    const { controller, watches } = await inStep1()
    await controller.rollback()
    await controller.retry()
    expect(watches).toEqual({ begun: 1, ended: 0 })
  })

  it('ends watchAfterEndMs after the end, and begins anew with retry()', async () => {
    const { clock, controller, watches } = await inStep1({ watchAfterEndMs: 10 * MINUTE })
    await controller.rollback()
    await clock.advance(10 * MINUTE - 1)
    expect(watches).toEqual({ begun: 1, ended: 0 })
    await clock.advance(1)
    expect([watches, clock.pending]).toEqual([{ begun: 1, ended: 1 }, 1])
    await controller.retry()
    expect(watches).toEqual({ begun: 2, ended: 1 })
  })

  it('ends with close(), once, and never begins where nothing was started', async () => {
    const { controller, watches } = await inStep1()
    await Promise.all([controller.close(), controller.close()])
    await controller.close()
    expect(watches).toEqual({ begun: 1, ended: 1 })
    const idle = drifting()
    await idle.controller.close()
    expect(idle.watches).toEqual({ begun: 0, ended: 0 })
  })

  it('that reports something at once is heard, and reports after its end are ignored', async () => {
    const { controller, tell } = await inStep1()
    await controller.close()
    const drifts = heard(controller, 'drift')
    tell(byHand)
    expect([drifts, controller.status().drift]).toEqual([[], null])
    const apply = async () => {}
    const watch: Target['watch'] = (listener) => {
      listener(byHand)
      return () => {}
    }
    const early = drifting({ target: { apply, watch } })
    await early.controller.start()
    expect(early.controller.status().drift).toEqual(byHand)
  })

  it('that throws when it begins or ends is reported, and the rollout goes on', async () => {
    const failing = () => {
      throw new Error('no permission to watch')
    }
    const applied: number[] = []
    const apply = async ({ weight }: { weight: number }) => void applied.push(weight)
    for (const watch of [failing, () => failing]) {
      const { clock, controller } = drifting({ target: { apply, watch } })
      await controller.start()
      await clock.advance(MINUTE)
      expect(await controller.rollback()).toMatchObject({ state: 'rolled-back', weight: 0 })
      await clock.advance(0)
      expect(applied.at(-1)).toBe(0)
      await controller.close()
      expect(controller.status().internalErrors.TARGET_FAILED).toBeGreaterThan(0)
    }
  })
})

describe('a weight that was changed by others', () => {
  it('emits one event for each new message, and one alert for each cause', async () => {
    const { controller, tell } = await inStep1()
    const drifts = heard(controller, 'drift')
    const alerts = heard(controller, 'alert')
    const unknown: Drift = { weight: null, message: 'The route is gone.' }
    const at = NEW_YEAR + MINUTE
    for (const drift of [byHand, { ...byHand }, unknown, unknown, null, null, unknown]) tell(drift)
    expect(drifts).toEqual([
      { at, ...byHand },
      { at, ...unknown },
      { at, ...unknown },
    ])
    expect(alerts).toEqual([byHand, unknown].map(({ message }) => ({ at, about: 'drift', message })))
  })

  it('is in the status and in the explanation for as long as it lasts', async () => {
    const { controller, tell } = await inStep1()
    expect(controller.status().drift).toBeNull()
    tell(byHand)
    expect(controller.status()).toMatchObject({ weight: 10, drift: { weight: 40, message: byHand.message } })
    expect(controller.explain()).toContain(byHand.message)
    tell(null)
    expect(controller.status().drift).toBeNull()
    expect(controller.explain()).not.toContain(byHand.message)
  })

  it.each(['counts', 'no-data', 'rejects'] as const)(
    'keeps the rollout where it is without a decision, where the source says %s',
    async (answer) => {
      const { world, clock, controller, windows, tell } = await inStep1()
      tell(byHand)
      const decisions = heard(controller, 'decision')
      const before = windows.length
      world.source = answer
      await clock.advance(30 * MINUTE)
      expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
      expect(decisions).toEqual([])
      expect(windows.length - before).toBe(120) // it is watched all the same
    },
  )

  it('does not keep a failing canary from being rolled back', async () => {
    const { world, clock, controller, applied, tell } = await inStep1()
    tell(byHand)
    world.traffic.errorShare = 0.5
    await clock.advance(15 * SECOND)
    expect(controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(applied.at(-1)).toBe(0)
  })

  it('does not prevent the verbs of an operator', async () => {
    const { clock, controller, applied, tell } = await inStep1()
    tell(byHand)
    expect(await controller.pause()).toMatchObject({ state: 'paused' })
    expect(await controller.resume()).toMatchObject({ state: 'progressing' })
    expect(await controller.promote()).toMatchObject({ step: 2, weight: 50 })
    expect(await controller.disable()).toMatchObject({ enabled: false })
    expect(await controller.enable()).toMatchObject({ enabled: true })
    expect(await controller.rollback()).toMatchObject({ state: 'rolled-back' })
    await clock.advance(0)
    expect(applied.at(-1)).toBe(0)
  })
})

describe('a weight that is in force again', () => {
  it('does not count the time that it was not', async () => {
    const { clock, controller, tell } = await inStep1()
    tell(byHand)
    await clock.advance(10 * MINUTE)
    expect(controller.status().elapsedInStepMs).toBe(30 * SECOND)
    tell(null)
    await clock.advance(15 * SECOND)
    expect(controller.status()).toMatchObject({ step: 1, elapsedInStepMs: 45 * SECOND, waitingFor: 'time' })
    await clock.advance(15 * SECOND)
    expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
  })

  it('does not count it if a verb came in between', async () => {
    const { clock, controller, tell } = await inStep1()
    tell(byHand)
    await clock.advance(5 * MINUTE)
    await controller.pause()
    await controller.resume()
    await clock.advance(5 * MINUTE)
    tell(null)
    await clock.advance(15 * SECOND)
    expect(controller.status()).toMatchObject({ step: 1, elapsedInStepMs: 45 * SECOND })
  })

  it('opens a new window of the source, and the next look stores that', async () => {
    const { world, clock, windows, tell } = await inStep1()
    expect(windows.at(-1)).toEqual({ epoch: 1, step: 1, visit: 3, openedAt: NEW_YEAR + 30 * SECOND })
    tell(byHand)
    await clock.advance(10 * MINUTE)
    tell(null)
    await clock.advance(15 * SECOND)
    expect(windows.at(-1)).toEqual({ epoch: 1, step: 1, visit: 3, openedAt: NEW_YEAR + 11 * MINUTE })
    expect((await storedIn(world.store))?.openedAt).toBe(NEW_YEAR + 11 * MINUTE)
  })

  it('counts everything from then on as new', async () => {
    const { world, clock, controller, tell } = await inStep1()
    expect(controller.status().requests).toEqual({ baseline: 300, canary: 300 })
    tell(byHand)
    await clock.advance(10 * MINUTE)
    tell(null)
    world.traffic.perSecond = 100
    await clock.advance(15 * SECOND)
    expect(controller.status().requests).toEqual({ baseline: 1_800, canary: 1_800 })
  })

  it('may have no counts yet, which is not a failure of the source', async () => {
    const { world, clock, controller, tell } = await inStep1()
    tell(byHand)
    tell(null)
    world.source = 'no-data'
    await clock.advance(15 * SECOND)
    expect((await controller.history())[0]?.verdict?.kind).not.toBe('error')
  })
})
