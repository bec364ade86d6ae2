import { describe, expect, it, vi } from 'vitest'
import { createWorld, heard } from '../controller/controller.fixture.js'
import type { ControllerOptions } from '../controller/controller-options.js'
import { troubledStore } from '../controller/store.fixture.js'
import { counted, nothing } from './rollout.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

/** A rollout that has reached step 1. */
async function atStep1(options: Partial<ControllerOptions> = {}) {
  const world = createWorld()
  const controller = world.make(options)
  await controller.start()
  while (controller.status().step < 1) await world.clock.advance(15 * SECOND)
  return { world, clock: world.clock, controller }
}

describe('a rollout that waits for data', () => {
  it('says what was not seen once it has waited for two minutes, since when, and what to look at', async () => {
    const { world, clock, controller } = await atStep1()
    world.source = 'no-data'
    await clock.advance(MINUTE)
    expect(controller.explain()).toContain('Waiting for data.')
    await clock.advance(2 * MINUTE)
    const why = controller.explain()
    expect(why).toContain('no finished request of the canary since 00:00 UTC, 3 min, nor of the baseline')
    expect(why).toContain('does traffic come this way? errorRate is undecided')
    expect(why).toMatch(/does traffic come this way\?$/)
    expect(controller.status()).toMatchObject({ waitingFor: 'data', eta: null })
    expect(controller.status().lastDecision?.reason).toContain('no finished request of the canary, 3 min')
  })

  it('names the version that nobody reaches where the baseline is seen', async () => {
    const world = createWorld()
    let canary = true
    const source = {
      read: async () => {
        return canary ? counted(1_000) : { ...counted(1_000), canary: nothing.canary }
      },
    }
    const controller = world.make({ source })
    await controller.start()
    while (controller.status().step < 1) await world.clock.advance(15 * SECOND)
    canary = false
    await world.clock.advance(5 * MINUTE)
    expect(controller.explain()).toMatch(/while the baseline finished \d+: is v2 deployed and reached\?/)
  })

  it('says what the source failed with', async () => {
    const { world, clock, controller } = await atStep1()
    world.source = 'rejects'
    await clock.advance(5 * MINUTE)
    expect(controller.explain()).toContain('Waiting for data: the metrics source failed: prometheus is down.')
  })
})

describe('a disabled canary', () => {
  it('leaves every request to the baseline, unless the target has not taken that', async () => {
    let isDown = false
    const target = { apply: async () => (isDown ? Promise.reject(new Error('mesh down')) : undefined) }
    const { clock, controller } = await atStep1({ target })
    isDown = true
    void controller.disable().catch(() => {})
    await vi.waitFor(() => expect(controller.status().heldBy?.by).toBe('target'))
    expect(controller.explain()).toMatch(/^0 % is decided and 10 % is in force: .* The canary is disabled\. /)
    isDown = false
    await clock.advance(MINUTE)
    expect(controller.explain()).toContain('The canary is disabled: every request goes to the baseline.')
  })
})

describe('a rollout in mode observe', () => {
  it('waits for no gate where the plan has none, and says that nothing is applied', async () => {
    const { clock, controller } = await atStep1({ mode: 'observe' })
    await clock.advance(10 * MINUTE)
    expect(controller.status()).toMatchObject({ step: 1, weight: 10, waitingFor: null, eta: null })
    expect(controller.explain()).toContain('Decisions are not applied')
    expect(controller.explain()).not.toContain('gate')
  })

  it('raises one alert for a rollback that is not made', async () => {
    const { world, clock, controller } = await atStep1({ mode: 'observe' })
    const alerts = heard(controller, 'alert')
    world.traffic.errorShare = 0.5
    await clock.advance(10 * MINUTE)
    expect(alerts).toMatchObject([
      { about: 'hold', message: expect.stringContaining('the mode is observe: errorRate') },
    ])
    expect((await controller.history())[0]).toMatchObject({ action: 'rollback', applied: false, actor: 'judge' })
  })
})

describe('what time decides', () => {
  it('is booked on the clock: the end of a pause', async () => {
    const { clock, controller } = await atStep1()
    await controller.pause({ untilMs: clock.now() + 5 * MINUTE, actor: 'ada' })
    const decisions = heard(controller, 'decision')
    await clock.advance(6 * MINUTE)
    expect(decisions.find(({ action }) => action === 'resume')).toMatchObject({ actor: 'clock' })
    expect(decisions.find(({ action }) => action === 'advance')).toMatchObject({ actor: 'judge' })
  })
})

describe('a rollout that does not move before a person does something', () => {
  it('is idle until start()', async () => {
    const controller = createWorld().make()
    expect(controller.explain()).toContain('is idle at 0 %, step 0 of 3. Call start() to begin the rollout.')
    await controller.start()
    expect(controller.explain()).not.toContain('start()')
  })

  it('is not told to call start() again while the store is down, because it begins once the store answers', async () => {
    const store = troubledStore()
    store.mode = 'down'
    const controller = createWorld(store).make()
    await controller.start()
    expect(controller.status()).toMatchObject({ state: 'idle', heldBy: { by: 'store' } })
    expect(controller.explain()).not.toContain('start()')
  })

  it('is paused, and names what ends the pause instead of what the step would wait for', async () => {
    const { clock, controller } = await atStep1()
    await controller.pause()
    await clock.advance(MINUTE)
    expect(controller.status().waitingFor).not.toBeNull()
    expect(controller.explain()).toContain('step 1 of 3. The step stands still until resume(). ')
    expect(controller.explain()).not.toContain('Waiting for')
    await controller.resume()
    expect(controller.explain()).toContain('Waiting for')
  })

  it('names the end of a pause that has one', async () => {
    const { clock, controller } = await atStep1()
    await controller.pause({ untilMs: clock.now() + 90 * MINUTE })
    expect(controller.explain()).toMatch(/stands still until resume\(\) or \d{4}-\d\d-\d\d \d\d:\d\d UTC\. /)
  })

  it('is switched off, or paused as well', async () => {
    const { controller } = await atStep1()
    await controller.disable()
    expect(controller.explain()).toContain('to the baseline. The step stands still until enable(). ')
    await controller.pause()
    expect(controller.explain()).toContain('The step stands still until enable() and resume(). ')
    expect(controller.explain()).not.toContain('Waiting for')
    await controller.rollback()
    expect(controller.explain()).not.toContain('stands still')
  })
})
