import { manualClock } from '@model-canary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { linearPlan } from '../rollout/plan.js'
import type { Target, TargetSplit } from '../rollout/ports.js'
import { heard } from './controller.fixture.js'
import { createController } from './controller.js'
import { sharedMemoryStore } from './shared-memory-store.js'
import { type Line, onLine } from './store-line.fixture.js'

const SECOND = 1_000
/** Longer than a lease is in force without a renewal. */
const LEASE_GONE = 12 * SECOND

/** How a process reaches the store and the target, and how long it was stopped. */
interface Surroundings {
  readonly store: Line
  target: 'up' | 'down'
  /** Calls of the target wait for this. */
  until: Promise<void>
  sleptMs: number
}

/** A target that several processes write. It remembers the fence unless it is forgetful. */
function createRoute({ isForgetful = false } = {}) {
  const route = { weight: 0, fence: 0 }
  const written: string[] = []
  const write = (name: string, split: TargetSplit): void => {
    const { weight, fence = -1, isReduction = weight === 0 } = split
    if (!isForgetful && !isReduction && fence < route.fence)
      throw new Error(`a later leader has applied ${route.weight} %`)
    Object.assign(route, { weight, fence: Math.max(fence, route.fence) })
    if (weight > 0 || isReduction) written.push(`${name} ${weight} of ${fence}`)
  }
  return { route, written, write }
}

/** Two processes over one store and one target. Each has its own clock, so that it can be stopped. */
async function twoProcesses(options: { readonly isForgetful?: boolean } = {}) {
  const storeClock = manualClock()
  const inner = sharedMemoryStore({ clock: storeClock })
  const { route, written, write } = createRoute(options)

  const open = (name: string) => {
    const clock = manualClock()
    const lines: Surroundings = { store: { state: 'up' }, target: 'up', until: Promise.resolve(), sleptMs: 0 }
    const target: Target = {
      async apply(split) {
        await lines.until
        if (lines.target === 'down') throw new Error('no answer')
        write(name, split)
      },
    }
    const controller = createController({
      ...{ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, guardrails: [errorRate()], target },
      store: onLine(inner, lines.store),
      clock: { ...clock, elapsed: () => clock.elapsed() + lines.sleptMs },
      plan: linearPlan([10, 50, 100], { minDurationMs: 3_600_000 }),
      warmUp: { durationMs: 0 },
      source: { read: async () => 'no-data' },
    })
    return { clock, lines, controller }
  }

  const processes = [open('A'), open('B')] as const
  const [a, b] = processes
  /** Lets time pass, in the store and in these processes. */
  const pass = async (ms: number, living: readonly (typeof a)[] = processes): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 250) {
      await Promise.all([storeClock, ...living.map(({ clock }) => clock)].map((clock) => clock.advance(250)))
    }
  }
  onTestFinished(async () => {
    const closed = Promise.all(processes.map(({ controller }) => controller.close()))
    await pass(5 * SECOND)
    await closed
  })
  await a.controller.start()
  await pass(SECOND)
  await b.controller.start()
  await pass(SECOND)
  return { a, b, pass, route, written }
}

/** Makes the next calls of a target wait until this is called. */
function hold({ lines }: { readonly lines: Surroundings }): () => void {
  let release = () => {}
  lines.until = new Promise<void>((resolve) => (release = resolve))
  return () => {
    lines.until = Promise.resolve()
    release()
  }
}

describe('two controllers that share a store', () => {
  it('leave an increase to the leader, whichever of them decided it', async () => {
    const { a, b, pass, written } = await twoProcesses()
    await b.controller.promote()
    await pass(SECOND)
    expect(written).toEqual(['A 10 of 1', 'A 50 of 1'])
    expect(a.controller.status().inForce).toMatchObject({ weight: 50 })
    expect(b.controller.status()).toMatchObject({ weight: 50, inForce: null })
  })

  it('both take canary away at once, also the one that does not lead', async () => {
    const { b, written } = await twoProcesses()
    await b.controller.rollback()
    expect(written).toContainEqual(expect.stringMatching(/^B 0 of /))
  })

  it('send an increase that the leader could not send once the other leads', async () => {
    const { a, b, pass, route, written } = await twoProcesses()
    a.lines.target = 'down'
    await a.controller.promote()
    await pass(SECOND)
    expect(route.weight).toBe(10)
    await pass(LEASE_GONE, [b])
    expect(route.weight).toBe(50)
    expect(written.at(-1)).toBe('B 50 of 2')
    expect(b.controller.status().inForce).toMatchObject({ weight: 50 })
  })

  it('raise no alert about a share that the leader sends when the other one is closed', async () => {
    const { b, pass } = await twoProcesses()
    const alerts = heard(b.controller, 'alert')
    const closed = b.controller.close()
    await pass(5 * SECOND)
    await closed
    expect(alerts).toEqual([])
  })
})

describe('a leader that was stopped, and wakes when another one leads', () => {
  it('cannot raise the share with a call that was under way: its fence is lower', async () => {
    const { a, b, pass, route, written } = await twoProcesses()
    const release = hold(a)
    await a.controller.promote()
    await pass(LEASE_GONE, [b]) // A is stopped in the middle of its call
    expect(written.at(-1)).toBe('B 50 of 2')
    await b.controller.pause()
    await b.controller.disable()
    expect(route.weight).toBe(0)
    release()
    await pass(0)
    await a.clock.advance(0)
    expect(route).toEqual({ weight: 0, fence: 2 })
    await pass(10 * SECOND)
    expect(route.weight).toBe(0)
    expect(written.filter((line) => line.startsWith('A'))).toEqual(['A 10 of 1', expect.stringMatching(/^A 0 of /)])
  })

  it('does not even try to raise it again once its lease has run out, also without the store', async () => {
    const { a, b, pass, route, written } = await twoProcesses({ isForgetful: true })
    a.lines.target = 'down'
    await a.controller.promote()
    await pass(SECOND)
    a.lines.store.state = 'down'
    await pass(LEASE_GONE, [b])
    await b.controller.rollback()
    a.lines.target = 'up'
    a.lines.sleptMs = LEASE_GONE // its clock tells it how long it was stopped
    await pass(5 * SECOND)
    expect(route.weight).toBe(0)
    expect(written.filter((line) => line.startsWith('A'))).toEqual(['A 10 of 1'])
  })
})
