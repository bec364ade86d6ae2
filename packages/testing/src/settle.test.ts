import { linearPlan } from '@model-canary/core'
import { memoryStore } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import { createSettle, turnOfEventLoop } from './settle.js'

/** Counts the awaits and turns of the event loop that something has come through. */
function chain(steps: number, step: () => Promise<void>) {
  const seen = { steps: 0 }
  const go = async () => {
    while (seen.steps < steps) {
      await step()
      seen.steps += 1
    }
  }
  return { seen, go }
}

describe('createSettle', () => {
  it('waits for a chain of promises to its end, however long', async () => {
    const { seen, go } = chain(10_000, async () => {})
    void go()
    await createSettle()()
    expect(seen.steps).toBe(10_000)
  })

  it('waits for a chain that was started synchronously, outside a promise', async () => {
    const { seen, go } = chain(10_000, async () => {})
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        void go()
        void createSettle()().then(resolve)
      })
    })
    expect(seen.steps).toBe(10_000)
  })

  it.each([
    ['a store', { store: memoryStore() }],
    ['a target', { target: { apply: async () => {} } }],
    ['a gate', { plan: linearPlan([50, 100], { gate: async () => true }) }],
    ['a warm-up', { warmUp: { run: async () => {} } }],
    ['whatever is not known to do without', { logger: { info() {}, warn() {}, error() {} } }],
  ])('gives %s turns of the event loop', async (_, rollout) => {
    const { seen, go } = chain(2, turnOfEventLoop)
    void go()
    await createSettle(rollout)()
    expect(seen.steps).toBe(2)
  })

  it.each([
    ['limits of calls', { storeTimeoutMs: 500, settleTimeoutMs: 1_000, gateValidMs: 1_000, maxFlightMs: 60_000 }],
    ['limits of what is kept', { maxStoredBytes: 65_536, repeatMs: [], watchAfterEndMs: 1_000 }],
    ['words', { onNewConfig: 'supersede', onStall: 'pause' }],
  ] as const)('gives %s no turns of the event loop', async (_, rollout) => {
    const { seen, go } = chain(1, turnOfEventLoop)
    void go()
    await createSettle(rollout)()
    expect(seen.steps).toBe(0)
  })

  it('adds no turns of the event loop that are not needed, except an occasional one for other work', async () => {
    const settle = createSettle({ plan: linearPlan([50, 100], { gate: 'manual' }), warmUp: { durationMs: 0 } })
    const { seen, go } = chain(1, turnOfEventLoop)
    void go()
    for (let time = 0; time < 99; time += 1) await settle()
    expect(seen.steps).toBe(0)
    await settle()
    expect(seen.steps).toBe(1)
  })
})
