import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import { linearPlan } from '../rollout/plan.js'
import { createWorld, heard } from './controller.fixture.js'
import { memoryStore } from './memory-store.js'
import { troubledStore } from './store.fixture.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000

/** A store whose answers take a while, so that both have asked before either has written. */
function slowStore(clock: ReturnType<typeof manualClock>) {
  const inner = troubledStore(memoryStore())
  const later = <Result>(task: () => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => clock.schedule(50, () => task().then(resolve, reject)))
  return {
    ...inner,
    load: (signal: AbortSignal) => later(() => inner.load(signal)),
    write: (...asked: Parameters<typeof inner.write>) => later(() => inner.write(...asked)),
    calls: () => inner.calls,
  }
}

describe('two replicas that start in the same moment over one empty store', () => {
  it('as canaries: one epoch, one state, one event for each weight in each, and no endless writes', async () => {
    const clock = manualClock()
    const store = slowStore(clock)
    const make = () =>
      createCanary({
        ...{ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, store, clock },
        plan: linearPlan([10, 100], { minDurationMs: 600 * SECOND }),
        warmUp: { weight: 2, durationMs: 30 * SECOND },
      })
    const [a, b] = [make(), make()]
    const said = [a, b].map((canary) => ({
      steps: heard(canary, 'step'),
      alerts: heard(canary, 'alert'),
      errors: heard(canary, 'internal-error'),
    }))
    const started = Promise.all([a.start(), b.start()])
    await clock.advance(SECOND)
    const both = (await started).map(({ state, epoch }) => `${state} in epoch ${epoch}`)
    expect(both).toEqual(['warming in epoch 1', 'warming in epoch 1'])
    expect([a.status(), b.status()].map(({ step, weight }) => [step, weight])).toEqual([
      [0, 2],
      [0, 2],
    ])
    for (const { steps } of said) {
      const weights = steps.map(({ epoch, weight }) => `epoch ${epoch}: ${weight} %`)
      expect(weights).toEqual([...new Set(weights)])
      expect(weights.at(-1)).toBe('epoch 1: 2 %')
    }
    expect(said.map(({ alerts, errors }) => [alerts, errors])).toEqual([
      [[], []],
      [[], []],
    ])
    const { history } = (await Promise.all([storedIn(store), clock.advance(50)]))[0]!
    expect(history.map(({ action }) => action)).toEqual(['start', 'advance'])
    expect(store.calls()).toBeLessThan(20)
    await Promise.all([a.close(), b.close(), clock.advance(3 * SECOND)])
  })

  it('as rounds of a cron job: one begins, the other finds it begun', async () => {
    const world = createWorld()
    const store = slowStore(world.clock)
    const [a, b] = [world.make({ store }), world.make({ store })]
    const starts = [a, b].map((controller) => heard(controller, 'decision'))
    const rounds = Promise.all([a.evaluate(), b.evaluate()])
    await world.clock.advance(2 * SECOND)
    expect((await rounds).map(({ epoch, state }) => [epoch, state])).toEqual([
      [1, 'warming'],
      [1, 'warming'],
    ])
    expect(starts.flat().filter(({ action }) => action === 'start')).toHaveLength(1)
    expect([a, b].map((controller) => controller.status().internalErrors)).toEqual([{}, {}])
  })
})
