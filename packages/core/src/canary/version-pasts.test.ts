import { type ManualClock, manualClock } from '@model-canary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryStore } from '../controller/memory-store.js'
import { putInto, storedIn } from '../controller/stored.fixture.js'
import type { Variant } from '../foundation/vocabulary.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { type BaselineHistory, windowCountOf } from '../judging/evidence/baseline-history.js'
import { historyOf } from '../judging/evidence/evidence.fixture.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import type { StateStore } from '../rollout/store.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { VersionPast } from '../rollout/version-past.js'
import { withOverride } from '../routing/override.js'
import { stickyStrategy } from '../routing/sticky.js'
import type { Strategy } from '../routing/strategy.js'
import type { CanaryEvents } from '../runtime/events.js'
import { emptySummary } from '../summaries/summary.js'
import type { Canary } from './canary.js'
import type { CanaryOptions } from './canary-options.js'
import { createCanary } from './create-canary.js'
import { createVersionPasts } from './version-pasts.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const guardrails = [errorRate(), latency()]

const open: Canary[] = []
afterEach(async () => {
  for (const canary of open.splice(0)) await canary.close()
})

/** Creates a canary of two versions of the rollout `sentiment`. */
function canaryOf(baseline: string, next: string, options: Partial<CanaryOptions> & Pick<CanaryOptions, 'clock'>) {
  const canary = createCanary({
    ...{ name: 'sentiment', versions: { baseline, canary: next }, logger: false, guardrails },
    ...options,
  })
  open.push(canary as Canary)
  return canary as Canary
}

/** Lets one version serve everything, two requests a second, of which each tenth fails. */
async function serve(canary: Canary, clock: ManualClock, variant: Variant, minutes: number): Promise<void> {
  for (let call = 1; call <= minutes * 120; call += 1) {
    await clock.advance(500)
    canary.record({ variant, durationMs: 20, outcome: call % 10 === 0 ? 'error' : 'success' })
  }
}

const pastsOf = (stored: StoredRollout | undefined) =>
  stored?.pasts?.map(({ version, windows }) => [version, windows]) ?? []

/** A store in which v2 was promoted and has served alone for this time. */
async function promoted(clock: ManualClock, minutes: number, store: StateStore = memoryStore()): Promise<StateStore> {
  const canary = canaryOf('v1', 'v2', { store, clock })
  await canary.start()
  await canary.promote({ full: true })
  await serve(canary, clock, 'canary', minutes)
  await canary.close()
  return store
}

/** The store with its pasts changed. */
async function rewritten(store: StateStore, change: (past: VersionPast) => unknown): Promise<StateStore> {
  const stored = (await storedIn(store))!
  const pasts = stored.pasts!.map(change) as readonly VersionPast[]
  await putInto(store, { ...stored, revision: stored.revision + 1, pasts }, stored.revision)
  return store
}

/** Starts v2 → v3 on a store; returns its calibration, what it waits for, and its alerts about the store. */
async function nextRelease(store: StateStore, clock: ManualClock, options: Partial<CanaryOptions> = {}) {
  const canary = canaryOf('v2', 'v3', { store, clock, ...options })
  const alerts: CanaryEvents['alert'][] = []
  canary.on('alert', (alert) => void (alert.about === 'store' && alerts.push(alert)))
  await canary.start()
  const stored = (await storedIn(store))!
  const history = stored.calibration.baselineHistory as BaselineHistory | null
  return { canary, stored, alerts, history, windows: history === null ? 0 : windowCountOf(history) }
}

describe('the past of a promoted version', () => {
  it('is stored every ten minutes while it serves alone, and at close()', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const canary = canaryOf('v1', 'v2', { store, clock })
    await canary.start()
    await canary.promote({ full: true })
    const { revision } = (await storedIn(store))!
    await serve(canary, clock, 'canary', 9)
    expect(pastsOf(await storedIn(store))).toEqual([])
    await serve(canary, clock, 'canary', 2)
    expect(pastsOf(await storedIn(store))).toEqual([['v2', 38]])
    expect((await storedIn(store))!.revision).toBe(revision + 1)
    await canary.close()
    expect(pastsOf(await storedIn(store))).toEqual([['v2', 43]])
  })

  it('is what the next release begins with, so that it does not wait for windows', async () => {
    const clock = manualClock()
    const store = await promoted(clock, 12)
    const { canary, windows, history, alerts } = await nextRelease(store, clock)
    expect(windows).toBe(47)
    expect(history!.newer.total.outcomes.error / history!.newer.total.begun).toBeCloseTo(0.1, 2)
    expect(history!.newer.spreads.find(([id]) => id === 'errorRate')?.[1].pairs).toBeGreaterThan(40)
    await clock.advance(2 * MINUTE)
    const { waits } = canary.status()
    expect(waits.map(({ what }) => what).filter((what) => what.includes('windows'))).toEqual([])
    expect(alerts).toEqual([])
  })

  it('is missing without this: the judge waits for windows of the baseline', async () => {
    const clock = manualClock()
    const { canary, windows } = await nextRelease(memoryStore(), clock)
    expect(windows).toBe(0)
    await clock.advance(2 * MINUTE)
    expect(canary.status().waits.map(({ what }) => what)).toContain('baseline windows of 15 s')
  })

  it('is kept when that release is rolled back, and read by the one after it', async () => {
    const clock = manualClock()
    const store = await promoted(clock, 12)
    const { canary } = await nextRelease(store, clock)
    await canary.rollback()
    await canary.close()
    const after = canaryOf('v2', 'v4', { store, clock })
    await after.start()
    const { calibration } = (await storedIn(store))!
    expect(windowCountOf(calibration.baselineHistory as BaselineHistory)).toBe(47)
  })
})

describe('a stored past is not taken up', () => {
  it.each([
    ['after more than seven days', 7 * DAY + MINUTE, (past: VersionPast) => past],
    ['of another judge', 0, (past: VersionPast) => ({ ...past, judge: 'other' })],
    ['of another version', 0, (past: VersionPast) => ({ ...past, version: 'v9' })],
    ['that is no past', 0, () => 'past'],
  ] as const)('%s', async (_, afterMs, change) => {
    const clock = manualClock()
    const store = await rewritten(await promoted(clock, 12), change)
    await clock.advance(afterMs)
    const { windows, alerts } = await nextRelease(store, clock)
    expect(windows).toBe(0)
    expect(alerts).toEqual([])
  })

  it.each([
    ['without content', null],
    ['with a count that is no number', { newer: { windows: '40', total: {}, spreads: [] }, older: null }],
    [
      'with a noise that is no number',
      (kept: { newer: object }) => ({ ...kept, newer: { ...kept.newer, spreads: [['errorRate', {}]] } }),
    ],
  ] as const)('%s, and that is told', async (_, learned) => {
    const clock = manualClock()
    const store = await rewritten(await promoted(clock, 12), (past) => ({
      ...past,
      learned: typeof learned === 'function' ? learned(past.learned as { newer: object }) : learned,
    }))
    const { windows, alerts, stored } = await nextRelease(store, clock)
    expect(windows).toBe(0)
    expect(stored.state.state).toBe('warming')
    expect(alerts.map(({ message }) => message)).toEqual(['the stored past of v2 cannot be read and is not used'])
  })

  it('if this process has seen more', async () => {
    const clock = manualClock()
    const store = await promoted(clock, 12)
    const canary = canaryOf('v2', 'v3', { store, clock })
    await serve(canary, clock, 'baseline', 15)
    await canary.start()
    const { calibration } = (await storedIn(store))!
    expect(windowCountOf(calibration.baselineHistory as BaselineHistory)).toBe(60)
  })

  it('by a judge that keeps none', async () => {
    const clock = manualClock()
    const judge = evidenceJudge()
    const { past: _, ...learn } = judge.learn!
    const { windows } = await nextRelease(await promoted(clock, 12), clock, { judge: { ...judge, learn } })
    expect(windows).toBe(0)
  })
})

describe('how the users of a version differ', () => {
  const calls = 12 * 60
  const userOf = (call: number) => `user-${call % 240}`

  /** Lets a promoted canary serve 240 users for twelve minutes; a few users have all errors. */
  async function promotedBefore(
    strategy: Strategy,
    clock: ManualClock,
    options: Partial<CanaryOptions> = {},
  ): Promise<StateStore> {
    const store = memoryStore()
    const canary = canaryOf('v1', 'v2', { store, clock, strategy, ...options })
    await canary.start()
    await canary.promote({ full: true })
    for (let call = 0; call < calls; call += 1) {
      await clock.advance(1_000)
      canary.begin({ key: userOf(call) }).end({ outcome: call % 12 === 0 ? 'error' : 'success' })
    }
    await canary.close()
    return store
  }
  const offsetsOf = ({ history }: { readonly history: BaselineHistory | null }) => history?.offsets
  const usersIn = async (store: StateStore) => (await storedIn(store))?.pasts?.map(({ users }) => users?.split)

  it('is kept with the identity of the split, and known at the start of the next release', async () => {
    const clock = manualClock()
    const sticky = await stickyStrategy({ salt: 'sentiment' })
    const store = await promotedBefore(
      withOverride(sticky, () => undefined),
      clock,
    )
    expect(await usersIn(store)).toEqual(['["sticky","sentiment"]'])
    await clock.advance(5 * MINUTE)
    const offsets = offsetsOf(await nextRelease(store, clock, { strategy: sticky }))
    expect(Object.keys(offsets!.byHypothesis)).toEqual(['errorRate', 'latency'])
    expect(offsets!.byHypothesis.errorRate?.[10]).toMatchObject({ offset: expect.any(Number) })
    expect(offsets!.ageMs).toBeGreaterThanOrEqual(5 * MINUTE)
    expect(offsets!.ageMs).toBeLessThan(16 * MINUTE)
  })

  it('is kept on by a process that is stopped before it has seen as much', async () => {
    const clock = manualClock()
    const strategy = await stickyStrategy({ salt: 'sentiment' })
    const store = await promotedBefore(strategy, clock)
    const before = (await storedIn(store))!.pasts![0]!.users
    const { canary } = await nextRelease(store, clock, { strategy })
    await canary.rollback()
    await serve(canary, clock, 'baseline', 11)
    await canary.close()
    const [past] = (await storedIn(store))!.pasts!
    expect(past!.windows).toBeGreaterThan(60)
    expect(past!.users).toEqual(before)
  })

  it.each<[string, (users: NonNullable<VersionPast['users']>) => unknown]>([
    ['without it', () => undefined],
    ['of more than a day ago', (users) => ({ ...users, at: users.at - DAY - 1 })],
    ['at no time', (users) => ({ ...users, at: 'now' })],
    ['of another salt', (users) => ({ ...users, split: '["sticky","other"]' })],
    ['that cannot be read', (users) => ({ ...users, learned: { newer: 7 } })],
    ['that is a text', () => 'users'],
  ])('is not taken up %s, and the rest of the past is', async (_, change) => {
    const clock = manualClock()
    const strategy = await stickyStrategy({ salt: 'sentiment' })
    const store = await promotedBefore(strategy, clock)
    await rewritten(store, (past) => ({ ...past, users: change(past.users!) }))
    const next = await nextRelease(store, clock, { strategy })
    expect(offsetsOf(next)).toBeUndefined()
    expect(next.windows).toBeGreaterThan(40)
    expect(next.alerts).toEqual([])
  })

  it('is not taken up by a split with another salt', async () => {
    const clock = manualClock()
    const store = await promotedBefore(await stickyStrategy({ salt: 'sentiment' }), clock)
    const next = await nextRelease(store, clock, { strategy: await stickyStrategy({ salt: 'sentiment-2' }) })
    expect(offsetsOf(next)).toBeUndefined()
    expect(next.windows).toBeGreaterThan(40)
  })

  it('is not kept of a split that does not tell its salt, or a very long one', async () => {
    const clock = manualClock()
    const { salt: _, ...sticky } = await stickyStrategy({ salt: 'sentiment' })
    expect(await usersIn(await promotedBefore(sticky, clock))).toEqual([undefined])
    const long = await stickyStrategy({ salt: 's'.repeat(600) })
    expect(await usersIn(await promotedBefore(long, clock))).toEqual([undefined])
  })

  it('is left out if the past would be longer than 32 KiB with it', async () => {
    const clock = manualClock()
    const judge = evidenceJudge()
    const strata = { ...judge.learn!.strata!, keep: () => 'x'.repeat(33_000) }
    const strategy = await stickyStrategy({ salt: 'sentiment' })
    const options = { judge: { ...judge, learn: { ...judge.learn!, strata } } }
    const store = await promotedBefore(strategy, clock, options)
    expect(pastsOf(await storedIn(store))).toHaveLength(1)
    expect(await usersIn(store)).toEqual([undefined])
  })
})

describe('the past of a baseline', () => {
  it('is stored once its rollout has ended, not while that is under way', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const canary = canaryOf('v1', 'v2', { store, clock })
    await serve(canary, clock, 'baseline', 12)
    await canary.start()
    expect(pastsOf(await storedIn(store))).toEqual([])
    await canary.rollback()
    await canary.close()
    expect(pastsOf(await storedIn(store))).toEqual([['v1', 48]])
  })

  it('is not stored if it is short', async () => {
    const clock = manualClock()
    expect(pastsOf(await storedIn(await promoted(clock, 4)))).toEqual([])
  })
})

it('is not stored above 32 KiB', async () => {
  const clock = manualClock()
  const judge = evidenceJudge()
  const learn = { ...judge.learn!, past: { ...judge.learn!.past!, keep: () => 'x'.repeat(33_000) } }
  const store = memoryStore()
  const canary = canaryOf('v1', 'v2', { store, clock, judge: { ...judge, learn } })
  await serve(canary, clock, 'baseline', 6)
  await canary.start()
  await canary.rollback()
  await canary.close()
  expect(pastsOf(await storedIn(store))).toEqual([])
})

it('that cannot be kept is an internal error, and nothing else', async () => {
  const clock = manualClock()
  const judge = evidenceJudge()
  const keep = () => {
    throw new Error('no past')
  }
  const learn = { ...judge.learn!, past: { ...judge.learn!.past!, keep } }
  const store = memoryStore()
  const canary = canaryOf('v1', 'v2', { store, clock, judge: { ...judge, learn } })
  const errors: string[] = []
  canary.on('internal-error', ({ code }) => void errors.push(code))
  await canary.start()
  await canary.promote({ full: true })
  await serve(canary, clock, 'canary', 11)
  expect(errors).toEqual(['JUDGE_FAILED'])
  expect(pastsOf(await storedIn(store))).toEqual([])
})

it('is stored again once it is longer, or ten minutes older', async () => {
  const clock = manualClock()
  const rollout = { versions: { baseline: 'v1', canary: 'v2' }, guardrails, clock, judge: evidenceJudge() }
  const canary = () => ({ epoch: 1, counts: emptySummary() })
  const noStrata = { strata: () => null, cutStrata: () => null }
  const split = () => ({ identity: undefined, isIdle: () => true })
  const pasts = createVersionPasts({ rollout, canary, strata: noStrata, split, onDropped: () => {} })
  const learned = (windows: number) => {
    pasts.baseline = historyOf(guardrails, windows)
    pasts.note('baseline')
  }
  expect(pasts.toStore(undefined)).toBeUndefined()
  learned(40)
  const stored = pasts.toStore(undefined)!
  expect(stored).toMatchObject([{ version: 'v1', judge: 'evidence', windows: 40 }])
  expect(pasts.toStore(stored)).toBeUndefined()
  learned(41)
  expect(pasts.toStore(stored)).toMatchObject([{ windows: 41 }])
  learned(40)
  expect(pasts.toStore(stored)).toBeUndefined()
  await clock.advance(10 * MINUTE)
  expect(pasts.toStore(stored)).toBeUndefined() // nothing was learned since
  learned(40)
  expect(pasts.toStore(stored)).toHaveLength(1)
})

it('costs nothing but an alert and an event if the store fails', async () => {
  const clock = manualClock()
  const inner = memoryStore()
  let isDown = false
  const store: StateStore = {
    ...inner,
    write: (...asked) => (isDown ? Promise.reject(new Error('down')) : inner.write(...asked)),
  }
  const canary = canaryOf('v1', 'v2', { store, clock })
  const alerts: string[] = []
  canary.on('alert', ({ about }) => void alerts.push(about))
  await canary.start()
  await canary.promote({ full: true })
  isDown = true
  await serve(canary, clock, 'canary', 11)
  expect(alerts).toEqual(['store'])
  expect(canary.status().state).toBe('promoted')
  isDown = false
  await serve(canary, clock, 'canary', 10)
  expect(pastsOf(await storedIn(inner)).map(([version]) => version)).toEqual(['v2'])
})
