import { describe, expect, it } from 'vitest'
import { createWorld, heard } from '../controller/controller.fixture.js'
import type { ControllerOptions } from '../controller/controller-options.js'
import type { Drift, Target } from './ports.js'

const MINUTE = 60_000
const HOUR = 3_600_000

const at = (weight: number): Drift => ({ weight, message: `The route sends ${weight} % to the canary, not 10.5 %.` })
const gone: Drift = { weight: null, message: 'The route is gone.' }

/** A rollout in its first step, whose target somebody else can change. */
async function drifting(options: Partial<ControllerOptions> = {}) {
  const world = createWorld()
  let tell = (_drift: Drift | null) => {}
  const target: Target = {
    apply: async () => {},
    watch(listener) {
      tell = listener
      return () => {}
    },
  }
  const controller = world.make({ target, ...options })
  const alerts = heard(controller, 'alert')
  await controller.start()
  await world.clock.advance(MINUTE)
  const since = world.clock.now()
  return {
    clock: world.clock,
    controller,
    tell: (drift: Drift | null) => tell(drift),
    said: () => alerts.filter(({ about }) => about === 'drift').map(({ message }) => message),
    hours: () => alerts.filter(({ about }) => about === 'drift').map((alert) => (alert.at - since) / HOUR),
  }
}

describe('a weight at the target that is not ours', () => {
  it('is said again after 1 h, 6 h and 24 h while it stands, though the target tells of it once', async () => {
    const { clock, tell, said, hours } = await drifting()
    tell(at(40))
    await clock.advance(48 * HOUR)
    expect(hours()).toEqual([0, 1, 6, 24])
    expect(said()[1]).toBe(`${at(40).message} (for 60 min)`)
  })

  it('is said again as repeatMs says, also after the end of the rollout', async () => {
    const { clock, controller, tell, hours } = await drifting({ repeatMs: [30 * MINUTE, 2 * HOUR] })
    await controller.rollback()
    tell(at(40))
    await clock.advance(48 * HOUR)
    expect(hours()).toEqual([0, 0.5, 2])
  })

  it('is one alert with a count where it comes and goes, whatever the weight', async () => {
    const { clock, tell, said } = await drifting()
    for (let times = 0; times < 120; times += 1) {
      tell(at(20 + (times % 50) + 0.5))
      await clock.advance(20_000)
      tell(null)
      await clock.advance(10_000)
    }
    expect(said()).toEqual([at(20.5).message])
    tell(at(33))
    expect(said().slice(1)).toEqual([`${at(33).message} (for 60 min, 121 times)`])
  })

  it('is no news while another cause of drift is, and each cause stands for itself', async () => {
    const { clock, tell, hours, said } = await drifting()
    for (const drift of [at(40), gone, at(50), gone]) tell(drift)
    expect(said()).toEqual([at(40).message, gone.message])
    await clock.advance(HOUR)
    expect([hours(), said()[2]]).toEqual([[0, 0, 1], `${gone.message} (for 60 min, 2 times)`])
  })

  it('is not said again once it is as decided, nor after close()', async () => {
    const { clock, controller, tell, said } = await drifting()
    tell(at(40))
    tell(null)
    await clock.advance(2 * HOUR)
    expect(said()).toHaveLength(1)
    tell(gone)
    await controller.close()
    await clock.advance(48 * HOUR)
    expect([said().length, clock.pending]).toEqual([2, 0])
  })
})

describe('a target that does not take the weight, or cannot be watched', () => {
  it('is said again as repeatMs says', async () => {
    const world = createWorld()
    const controller = world.make({
      repeatMs: [10 * MINUTE, 30 * MINUTE, 2 * HOUR],
      target: {
        apply: () => Promise.reject(new Error('the mesh is down')),
        watch() {
          throw new Error('not allowed')
        },
      },
    })
    const alerts = heard(controller, 'alert')
    const since = world.clock.now()
    await controller.start()
    await world.clock.advance(HOUR)
    const minutesOf = (word: string) =>
      alerts.filter(({ message }) => message.includes(word)).map((alert) => Math.floor((alert.at - since) / MINUTE))
    expect(minutesOf('mesh is down')).toEqual([0, 10, 30])
    expect(minutesOf('not allowed')).toEqual([0, 10, 30])
    const closed = controller.close()
    await world.clock.advance(2_000)
    await closed
    expect(world.clock.pending).toBe(0)
  })
})
