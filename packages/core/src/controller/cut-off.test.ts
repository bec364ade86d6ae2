import { describe, expect, it, onTestFinished } from 'vitest'
import type { ByVariant } from '../foundation/vocabulary.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import type { MetricsSource } from '../rollout/ports.js'
import { emptySummary } from '../summaries/summary.js'
import { createWorld, heard } from './controller.fixture.js'
import { sharedMemoryStore } from './shared-memory-store.js'
import { type Line, onLine } from './store-line.fixture.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000
/** As long as a lease is in force without a renewal, and a look. */
const LEASE_GONE = 25 * SECOND

/** What a service has served: a hundred requests in a second, split by the weight. */
function createService(weight: () => number) {
  const served: Record<keyof ByVariant<0>, { requests: number; errors: number }> = {
    baseline: { requests: 0, errors: 0 },
    canary: { requests: 0, errors: 0 },
  }
  const opened = new Map<string, typeof served>()
  const service = { errorShare: 0, reads: 0 }
  const since = (window: string, variant: keyof typeof served) => {
    const before = opened.get(window) ?? structuredClone(served)
    opened.set(window, before)
    const begun = served[variant].requests - before[variant].requests
    const error = served[variant].errors - before[variant].errors
    return { ...emptySummary(), begun, outcomes: { ...emptySummary().outcomes, success: begun - error, error } }
  }
  const source: MetricsSource = {
    async read({ epoch, visit }) {
      service.reads += 1
      const window = `${epoch}/${visit}`
      return { baseline: since(window, 'baseline'), canary: since(window, 'canary') }
    },
  }
  const second = (): void => {
    served.baseline.requests += 100 - weight()
    served.canary.requests += weight()
    served.canary.errors += Math.round(weight() * service.errorShare)
  }
  return { service, source, second, served }
}

/** Controllers with one source and one target, over a store with a lease. Each reaches the store by a line of its own. */
async function controllers({ count = 1 } = {}) {
  const world = createWorld()
  const { service, source, second, served } = createService(() => world.taken.at(-1) ?? 0)
  const store = sharedMemoryStore({ clock: world.clock })
  const lines = Array.from({ length: count }, (): Line => ({ state: 'up' }))
  const members = lines.map((line) => world.make({ store: onLine(store, line), source, judge: evidenceJudge() }))
  const [one, other] = [members[0]!, members[1]!]
  /** Lets requests come for this time, or until something holds. Returns how long, in milliseconds. */
  const pass = async (ms: number, until = () => false): Promise<number> => {
    let passed = 0
    for (; passed < ms && !until(); passed += SECOND) {
      second()
      await world.clock.advance(SECOND)
    }
    return passed
  }
  onTestFinished(async () => {
    for (const line of lines) line.state = 'up'
    const closed = Promise.all(members.map((member) => member.close()))
    await world.clock.advance(10 * SECOND)
    await closed
  })
  for (const member of members) await member.start()
  await pass(5 * MINUTE, () => one.status().step === 1)
  await pass(15 * SECOND)
  const isGone = (): boolean => world.taken.at(-1) === 0
  return { ...{ world, service, served, store, lines, members, one, other, pass, isGone } }
}

describe('a controller that is cut off from its store', () => {
  it.each(['down', 'hanging'] as const)('rolls back when the store is %s, and writes it later', async (state) => {
    const { service, store, lines, one, pass, isGone } = await controllers()
    lines[0]!.state = state
    service.errorShare = 0.5
    expect(await pass(30 * MINUTE, isGone)).toBeLessThanOrEqual(30 * SECOND)
    expect(one.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(await storedIn(store)).toMatchObject({ state: { state: 'progressing' } })
    lines[0]!.state = 'up'
    await pass(MINUTE)
    expect(await storedIn(store)).toMatchObject({ state: { state: 'rolled-back' } })
  })

  it('finds harm that begins an hour later as fast', async () => {
    const { service, lines, pass, isGone } = await controllers()
    lines[0]!.state = 'down'
    expect(await pass(60 * MINUTE, isGone)).toBe(60 * MINUTE)
    service.errorShare = 0.5
    expect(await pass(30 * MINUTE, isGone)).toBeLessThanOrEqual(MINUTE)
  })

  it('raises no weight, and counts each request once when the store is back', async () => {
    const { served, lines, one, pass } = await controllers()
    const { requests } = one.status()
    const before = served.canary.requests
    lines[0]!.state = 'down'
    await pass(30 * MINUTE)
    expect(one.status()).toMatchObject({ weight: 10, heldBy: { by: 'store' } })
    lines[0]!.state = 'up'
    const decisions = heard(one, 'decision')
    await pass(5 * MINUTE, () => one.status().step === 2)
    const advanced = decisions.find(({ action }) => action === 'advance')
    expect(advanced?.requests.canary).toBeGreaterThan(30 * 60 * 10)
    expect(advanced?.requests.canary).toBeLessThanOrEqual(requests.canary + served.canary.requests - before + 150)
  })
})

describe('two controllers with one store', () => {
  it('leave the source to the leader while the store is well', async () => {
    const { service, pass } = await controllers({ count: 2 })
    const before = service.reads
    await pass(MINUTE)
    expect(service.reads - before).toBe(4)
  })

  it('both roll back when neither reaches the store', async () => {
    const { service, lines, members, pass, isGone } = await controllers({ count: 2 })
    for (const line of lines) line.state = 'down'
    await pass(LEASE_GONE)
    service.errorShare = 0.5
    expect(await pass(30 * MINUTE, isGone)).toBeLessThanOrEqual(30 * SECOND)
    await pass(15 * SECOND)
    expect(members.map((each) => each.status().state)).toEqual(['rolled-back', 'rolled-back'])
  })

  it.each([0, 1])('both roll back when one of them is cut off', async (index) => {
    const { service, store, lines, members, pass, isGone } = await controllers({ count: 2 })
    lines[index]!.state = 'down'
    await pass(LEASE_GONE)
    service.errorShare = 0.5
    expect(await pass(30 * MINUTE, isGone)).toBeLessThanOrEqual(30 * SECOND)
    await pass(15 * SECOND)
    expect(members.map((each) => each.status().state)).toEqual(['rolled-back', 'rolled-back'])
    lines[index]!.state = 'up'
    await pass(MINUTE)
    expect(await storedIn(store)).toMatchObject({ state: { state: 'rolled-back', epoch: 1 } })
    expect(members.map((each) => each.status().state)).toEqual(['rolled-back', 'rolled-back'])
  })

  it('count each request once when they are cut off in turn', async () => {
    const { served, lines, members, pass } = await controllers({ count: 2 })
    const isAhead = () => members.some((each) => each.status().requests.canary > served.canary.requests)
    for (let turn = 0; turn < 6; turn += 1) {
      lines[turn % 2]!.state = 'down'
      await pass(40 * SECOND, isAhead)
      lines[turn % 2]!.state = 'up'
      await pass(10 * SECOND, isAhead)
    }
    expect(isAhead()).toBe(false)
    expect(members.map((each) => each.status().state)).not.toContain('rolled-back')
  })
})
