import { suggestPlan } from '@model-canary/core'
import type { CallContext, SimulatedCall } from '@model-canary/testing'
import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/judge/${name}.mjs`)
const { ALL_SCENARIOS, contestant, scenarioOf } = await part('line-up')
const { HELD_OUT } = await part('held-out')
const { inTurn, programmeOf, QUICK } = await part('programme')
const { JUDGES, ...rollouts } = await part('judges')
const { runOne } = await part('run-one')
const { seedOf } = await part('seeds')

interface Job {
  readonly scenario: string
  readonly judge: string
}

interface Scenario {
  readonly name: string
  readonly title: string
  readonly truth: string
}

const CALLS = 50_000

/** What a version answers, many times over, in one situation. */
function callsOf(name: string, arm: 'baseline' | 'canary', context: Partial<CallContext> = {}): SimulatedCall[] {
  const version = scenarioOf(name).traffic(seededRandom(5))[arm]
  const random = seededRandom(11)
  const call = { random, elapsedMs: 0, weight: 10, key: undefined, ...context }
  return Array.from({ length: CALLS }, () => version(call))
}

const errorsIn = (calls: readonly SimulatedCall[]) => calls.filter(({ outcome }) => outcome === 'error').length / CALLS
const meanOf = (calls: readonly SimulatedCall[]) => calls.reduce((sum, { durationMs }) => sum + durationMs, 0) / CALLS
const shareOf = (calls: readonly SimulatedCall[], label: string) => {
  const answered = calls.filter(({ prediction }) => prediction !== undefined)
  return answered.filter(({ prediction }) => prediction === label).length / answered.length
}
const p99Of = (calls: readonly SimulatedCall[]) =>
  calls.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b)[Math.floor(0.99 * CALLS)]!

/** Four standard errors of a rate over all calls. */
const near = (rate: number) => 4 * Math.sqrt((rate * (1 - rate)) / CALLS)

describe('the situations', () => {
  it('have names of their own', () => {
    const names = ALL_SCENARIOS.map(({ name }: Scenario) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('have seeds of their own, those kept aside as well, and the same ones for every judge', () => {
    const matches = programmeOf({ isQuick: false, replications: 3, scenarios: ALL_SCENARIOS, judges: JUDGES, salt: '' })
    const seedsOf = (judge: string) =>
      inTurn(matches)
        .filter((job: { judge: string }) => job.judge === judge)
        .map(({ seed }: { seed: number }) => seed)
    expect(new Set(seedsOf('kayenta')).size).toBe(3 * ALL_SCENARIOS.length)
    expect(seedsOf('kayenta')).toEqual(seedsOf('welch'))
    expect(seedOf(HELD_OUT[0].name, 0, 'other')).not.toBe(seedOf(HELD_OUT[0].name, 0))
    expect(ALL_SCENARIOS.map(({ name }: Scenario) => seedOf(name, 7) % 2 ** 20)).toEqual(ALL_SCENARIOS.map(() => 7))
  })

  it('of a quick run exist', () => {
    const names = new Set(ALL_SCENARIOS.map(({ name }: Scenario) => name))
    expect(
      [...QUICK.evidence.scenarios, ...QUICK.evidence.long.scenarios, ...QUICK.others.scenarios].filter(
        (name) => !names.has(name),
      ),
    ).toEqual([])
  })

  it('come in turn, so that what is there after an interruption is balanced', () => {
    const scenarios = [scenarioOf('plus-3'), scenarioOf('plus-5-at-500')]
    const judges = [contestant('guide'), contestant('welch')]
    const jobs = inTurn(programmeOf({ isQuick: false, replications: 501, scenarios, judges, salt: '' }))
    expect(jobs.slice(0, 4).map(({ scenario, judge }: Job) => `${scenario}/${judge}`)).toEqual([
      'plus-3/guide',
      'plus-3/welch',
      'plus-5-at-500/guide',
      'plus-5-at-500/welch',
    ])
    expect(jobs).toHaveLength(2 * 501 + 2 * 500)
  })

  it.each([
    ['identical-1', 'canary', {}, 0.01],
    ['identical-5', 'baseline', {}, 0.05],
    ['plus-1', 'canary', {}, 0.02],
    ['plus-3', 'canary', {}, 0.04],
    ['plus-5-at-500', 'canary', {}, 0.06],
    ['spike-20', 'canary', { elapsedMs: 149_999 }, 0.01],
    ['spike-20', 'canary', { elapsedMs: 150_000 }, 0.21],
    ['shared-incident', 'baseline', { elapsedMs: 99_999 }, 0.01],
    ['shared-incident', 'baseline', { elapsedMs: 100_000 }, 0.15],
    ['masked', 'baseline', { elapsedMs: 150_000 }, 0.045],
    ['masked', 'canary', { elapsedMs: 150_000 }, 0.075],
    ['masked', 'canary', { elapsedMs: 300_000 }, 0.04],
    ['late-2.2', 'canary', { weight: 50 }, 0.01],
    ['late-2.2', 'canary', { weight: 90 }, 0.032],
    ['from-50', 'canary', { weight: 50 }, 0.06],
    ['crash-baking', 'canary', { weight: 50 }, 0.01],
    ['crash-baking', 'canary', { weight: 90 }, 1],
    ['held-outage', 'canary', { elapsedMs: 140_000 }, 1],
    ['outage-100', 'canary', { elapsedMs: 99_999 }, 0.01],
    ['outage-100', 'baseline', { elapsedMs: 100_000 }, 1],
    ['outage-100', 'canary', { elapsedMs: 399_999 }, 1],
    ['outage-100', 'baseline', { elapsedMs: 400_000 }, 0.01],
    ['outage-60', 'canary', { elapsedMs: 100_000 }, 0.6],
    ['outage-before', 'baseline', { elapsedMs: -300_001 }, 0.01],
    ['outage-before', 'baseline', { elapsedMs: -300_000 }, 1],
    ['outage-before', 'canary', { elapsedMs: 600_000 }, 0.01],
    ['outage-plus-10', 'canary', { elapsedMs: 399_999 }, 1],
    ['outage-plus-10', 'canary', { elapsedMs: 400_000 }, 0.11],
    ['outage-60-plus-10', 'baseline', { elapsedMs: 400_000 }, 0.01],
    ['scraped-half', 'canary', {}, 0.5],
    ['scraped-plus-5', 'canary', {}, 0.06],
  ] as const)('%s: the %s at %o errs in %d', (name, arm, context, rate) => {
    expect(Math.abs(errorsIn(callsOf(name, arm, context)) - rate)).toBeLessThanOrEqual(near(rate))
  })

  it.each([
    ['bursts-5', 0.01, 5],
    ['held-bursts-3', 0.02, 3],
  ] as const)('%s: errors come in whole runs and keep their rate', (name, rate, length) => {
    const calls = callsOf(name, 'canary')
    const runs = calls
      .map(({ outcome }) => (outcome === 'error' ? 'x' : ' '))
      .join('')
      .split(/ +/)
      .filter(Boolean)
    expect(Math.abs(errorsIn(calls) - rate)).toBeLessThanOrEqual(near(rate) * Math.sqrt(length))
    expect(runs.slice(0, -1).every((run) => run.length % length === 0)).toBe(true)
  })

  it('hiccups: half a percent of the calls is slow, ten in a row', () => {
    const slow = callsOf('hiccups', 'baseline').map(({ durationMs }) => durationMs > 600 && durationMs < 1_700)
    const inTen = slow.filter((isSlow, at) => isSlow && slow.slice(at - 9, at + 10).filter(Boolean).length >= 10).length
    expect(Math.abs(inTen / CALLS - 0.005)).toBeLessThan(near(0.005) * Math.sqrt(10))
  })

  it.each([
    ['identical-1', 'canary', {}, 120],
    ['plus-20ms', 'canary', {}, 140],
    ['plus-80ms', 'canary', {}, 200],
    ['p99-x3', 'canary', {}, 120],
    ['held-p99-x2', 'canary', {}, 120],
    ['cold-start', 'canary', { elapsedMs: 59_999 }, 600],
    ['cold-start', 'canary', { elapsedMs: 60_000 }, 120],
    ['held-identical', 'baseline', {}, 40],
    ['outage-before-plus-80ms', 'canary', { elapsedMs: 599_999 }, 120],
    ['outage-before-plus-80ms', 'canary', { elapsedMs: 600_000 }, 200],
    ['outage-tail', 'canary', { elapsedMs: 400_000 }, 161],
    ['outliers', 'baseline', {}, 149.88],
  ] as const)('%s: the %s at %o takes %d ms on average', (name, arm, context, mean) => {
    expect(meanOf(callsOf(name, arm, context)) / mean).toBeCloseTo(1, 1)
  })

  it.each([
    ['p99-x3', 2.85],
    ['held-p99-x2', 2.1],
  ] as const)('%s: the p99 is about %d times the baseline’s', (name, ratio) => {
    const times = p99Of(callsOf(name, 'canary')) / p99Of(callsOf(name, 'baseline'))
    expect(Math.abs(times - ratio)).toBeLessThan(0.2)
  })

  it.each([
    ['predictions', 'baseline', 'positive', 0.6],
    ['predictions', 'canary', 'positive', 0.8],
    ['held-predictions-2', 'canary', 'yes', 0.7],
    ['held-predictions-3', 'canary', 'other', 0.35],
  ] as const)('%s: the %s says "%s" in %d', (name, arm, label, share) => {
    expect(Math.abs(shareOf(callsOf(name, arm), label) - share)).toBeLessThanOrEqual(near(share))
  })

  it('hung: no call of the canary ends', () => {
    expect(callsOf('hung', 'canary').every(({ durationMs }) => durationMs === Number.POSITIVE_INFINITY)).toBe(true)
  })

  it('share-0.7: seven tenths of the planned requests go to the canary', async () => {
    const random = seededRandom(3)
    const { keyOf, strategy } = scenarioOf('share-0.7').traffic(random)
    const split = await strategy(random)
    const picks = Array.from({ length: CALLS }, () => split.pick({ key: keyOf(random) }, 10))
    const share = picks.filter((variant) => variant === 'canary').length / CALLS
    expect(Math.abs(share - 0.07)).toBeLessThan(4 * Math.sqrt((0.07 * 0.93) / 10_000)) // of ten thousand users
  })

  it('zipf-bad-users: a user fares alike with both versions, and three in a hundred fare badly', () => {
    const { baseline, canary } = scenarioOf('zipf-bad-users').traffic(seededRandom(7))
    const random = seededRandom(8)
    const errs = (version: typeof canary, key: string) =>
      Array.from({ length: 100 }, () => version({ random, elapsedMs: 0, weight: 10, key })).filter(
        ({ outcome }: SimulatedCall) => outcome === 'error',
      ).length > 10
    const users = Array.from({ length: 1_000 }, (_, user) => `user-${user}`)
    const bad = users.filter((key) => errs(canary, key))
    expect(Math.abs(bad.length / 1_000 - 0.03)).toBeLessThan(4 * Math.sqrt((0.03 * 0.97) / 1_000))
    expect(bad.every((key) => errs(baseline, key))).toBe(true)
  })
})

describe('the rollouts', () => {
  const weightsOf = ({ plan }: { plan: { steps: readonly { weight: number }[] } }) =>
    plan.steps.map(({ weight }) => weight)
  const rolloutOf = (judge: string) => rollouts.rolloutOf(contestant(judge), scenarioOf('plus-5'))

  it('of the library’s judge have the default plan, bake, warm-up and tripwire', () => {
    expect(Object.keys(rolloutOf('evidence')).sort()).toEqual(['guardrails', 'historySize', 'judge', 'replaySize'])
  })

  it('of every other judge have the same weights, and the same share of the baseline while baking', () => {
    const { plan, bake } = suggestPlan({ requestsPerSecond: 1_000 }) // with enough traffic it is the default plan
    for (const { name } of JUDGES.filter(({ name }: { name: string }) => name !== 'evidence')) {
      const { plan: own = plan, bake: ownBake } = rolloutOf(name)
      expect([name, weightsOf({ plan: own }), ownBake]).toEqual([name, weightsOf({ plan }), bake])
    }
  })

  it('stay longer at each weight where the situation says so', () => {
    const { plan } = rollouts.rolloutOf(contestant('evidence'), scenarioOf('users-turn-over'))
    expect(weightsOf({ plan })).toEqual([10, 25, 50, 100])
    expect(plan.steps.every(({ minDurationMs }: { minDurationMs: number }) => minDurationMs === 18_000_000)).toBe(true)
  })
})

describe('a run', () => {
  it('is the same again with the same seed, and another one with another', async () => {
    const run = (seed: number) => runOne(scenarioOf('plus-1'), contestant('guide'), seed)
    const first = await run(1)
    expect(await run(1)).toEqual(first)
    expect(await run(2)).not.toEqual(first)
  })

  it('counts what the canary got since the harm began', async () => {
    const { state, exposed, sinceOnset, onsetMs, elapsedMs } = await runOne(
      scenarioOf('spike-20'),
      contestant('guide'),
      1,
    )
    expect(state).toBe('rolled-back')
    expect(onsetMs).toBe(150_000)
    expect(elapsedMs).toBeGreaterThanOrEqual(150_000)
    expect(sinceOnset).toBeGreaterThan(0)
    expect(sinceOnset).toBeLessThan(exposed)
  })

  it('says when the bake began, and at what weight the harm', async () => {
    const { state, bakeFromMs, elapsedMs } = await runOne(scenarioOf('identical-1'), contestant('guide'), 1)
    expect(state).toBe('promoted')
    expect(bakeFromMs).toBeGreaterThanOrEqual(180_000) // three steps of a minute
    expect(elapsedMs - bakeFromMs).toBeGreaterThanOrEqual(59_000)
    const late = await runOne(scenarioOf('late-2.2'), contestant('guide'), 1)
    expect(late).toMatchObject({ state: 'rolled-back', onsetWeight: 90, bakeFromMs: late.onsetMs })
    expect(await runOne(scenarioOf('plus-5'), contestant('guide'), 1)).not.toHaveProperty('bakeFromMs')
  })

  it('says why a wrong answer was given, and nothing of a right one', async () => {
    const wrong = await runOne(scenarioOf('identical-5'), contestant('flagger'), 1)
    expect(wrong).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining('request-success-rate') })
    expect(await runOne(scenarioOf('plus-5'), contestant('flagger'), 1)).not.toHaveProperty('reason')
  })

  it('goes through the judge of the library as well', async () => {
    const { state, exposed } = await runOne(scenarioOf('plus-5'), contestant('evidence'), 1)
    expect(state).toBe('rolled-back')
    expect(exposed).toBeLessThan(1_000)
  }, 20_000)
})
