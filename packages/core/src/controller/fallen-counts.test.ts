import { describe, expect, it, onTestFinished } from 'vitest'
import { evidenceJudge } from '../judging/evidence-judge.js'
import { counted } from '../rollout/rollout.fixture.js'
import { emptySummary } from '../summaries/summary.js'
import { createWorld, heard } from './controller.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

it.each([true, undefined])(
  'counts that fall are told once, and are not counted twice (isShared: %s)',
  async (isShared) => {
    const world = createWorld()
    let requests = 0
    const shared = isShared === undefined ? {} : { isShared }
    const controller = world.make({ source: { read: async () => ({ ...counted(requests), ...shared }) } })
    const alerts = heard(controller, 'alert')
    await controller.start()
    const looked = async (count: number) => {
      requests = count
      await world.clock.advance(15_000)
      return controller.status().requests
    }
    while (controller.status().step < 1) await looked(200)
    await looked(0)
    expect(await looked(60)).toEqual({ baseline: 60, canary: 60 })
    expect(await looked(40)).toEqual({ baseline: 60, canary: 60 })
    expect(await looked(55)).toEqual({ baseline: 75, canary: 75 })
    expect(await looked(30)).toEqual({ baseline: 75, canary: 75 })
    expect(alerts.map(({ about, message }) => [about, message])).toEqual([['source', expect.stringContaining('fell')]])
  },
)

/** A controller whose source loses the errors of the canary now and then, as those of a pod that is gone. */
async function forgetful({ errorShare, everyMs }: { readonly errorShare: number; readonly everyMs: number }) {
  const world = createWorld()
  const { clock } = world
  const served = { baseline: 0, canary: 0, errors: 0 }
  const opened = new Map<string, typeof served>()
  let shown = 0
  const summaryOf = (begun: number, error: number) => {
    const { outcomes, ...nothing } = emptySummary()
    return { ...nothing, begun, outcomes: { ...outcomes, success: begun - error, error } }
  }
  const controller = world.make({
    judge: evidenceJudge(),
    source: {
      async read({ epoch, visit }) {
        if (!opened.has(`${epoch}/${visit}`)) shown = served.errors = 0
        const before = opened.get(`${epoch}/${visit}`) ?? { ...served }
        opened.set(`${epoch}/${visit}`, before)
        const baseline = served.baseline - before.baseline
        const canary = served.canary - before.canary
        return { baseline: summaryOf(baseline, Math.round(baseline / 100)), canary: summaryOf(canary, shown) }
      },
    },
  })
  onTestFinished(async () => {
    const closed = controller.close()
    await clock.advance(10 * SECOND)
    await closed
  })
  await controller.start()
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms && controller.status().reason === null; passed += SECOND) {
      const { weight, step } = controller.status()
      served.baseline += 100 - weight
      served.canary += weight
      if (step > 0) served.errors += weight * errorShare
      if (clock.elapsed() % everyMs < SECOND) served.errors = 0
      shown = Math.round(served.errors)
      await clock.advance(SECOND)
    }
  }
  return { world, controller, pass, served }
}

describe('a canary whose errors keep vanishing from the source', () => {
  it.each([7, 20, 40, 70, 110].map((seconds) => seconds * SECOND))(
    'is not promoted if they do every %s ms',
    async (everyMs) => {
      const { controller, pass, world } = await forgetful({ errorShare: 0.3, everyMs })
      const alerts = heard(controller, 'alert')
      await pass(60 * MINUTE)
      expect(controller.status().state).not.toBe('promoted')
      expect(Math.max(...world.taken)).toBeLessThanOrEqual(50)
      expect(controller.status().weight === 0 || alerts.some(({ about }) => about === 'source')).toBe(true)
    },
  )

  it('goes on with the step ten minutes after the last fall', async () => {
    const { world, controller, pass, served } = await forgetful({ errorShare: 0.02, everyMs: Number.POSITIVE_INFINITY })
    const decisions = heard(controller, 'decision')
    await pass(MINUTE + 25 * SECOND)
    expect(controller.status().step).toBe(1)
    served.errors = 0
    await pass(10 * MINUTE)
    expect(controller.status().step).toBe(1)
    expect(controller.explain()).toContain('fell: the step goes on after 10 min without a fall')
    expect(decisions.map(({ action }) => action)).not.toContain('promote')
    await pass(30 * MINUTE)
    expect(controller.status().state).toBe('promoted')
    expect(world.taken.at(-1)).toBe(100)
  })
})
