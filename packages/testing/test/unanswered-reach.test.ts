import { errorRate, latency, linearPlan, stickyStrategy, tailLatency, unansweredRate } from '@model-canary/core'
import { type CallContext, type SimulatedCall, type SimulateOptions, simulate } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

type Behave = (context: CallContext) => SimulatedCall

const seedsUpTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** 120 ms on average and half a second at the p99, which puts the line at about 5 s; 1 % are errors. */
const sound: Behave = ({ random }) => {
  const durationMs = 120 * Math.exp(0.7 * gaussian(random) - 0.245)
  return { durationMs, outcome: random() < 0.01 ? 'error' : 'success' }
}

/** A share of calls is never answered; their clients leave after so long. */
const hangs =
  (share: number, leaveMs = Number.POSITIVE_INFINITY): Behave =>
  (context) =>
    context.random() < share ? { durationMs: leaveMs, outcome: 'aborted' } : sound(context)

const LINE_MS = 5_000
const COLD_LINE_MS = 10_100

const traffic = {
  requestsPerSecond: 50,
  baseline: sound,
  canary: sound,
  beforeMs: 600_000,
  rollout: { plan: linearPlan([10, 25, 50, 75, 100], { minDurationMs: 60_000, minRequests: 50 }) },
} satisfies SimulateOptions

/**
 * How a rollout went, with the calls of the canary but for those that were begun within `graceMs` before it was rolled
 * back or put back into the warm-up: of these nothing could be known.
 */
const runOne = async (seed: number, over: Partial<SimulateOptions>, graceMs = 0) => {
  const begun: number[] = []
  const { canary = sound } = over
  const counted: Behave = (context) => {
    begun.push(context.elapsedMs)
    return (canary as Behave)(context)
  }
  const { status, history, elapsedMs } = await simulate({ ...traffic, ...over, seed, canary: counted })
  const demotions = history.filter(({ action }) => action === 'demote')
  const turns = [elapsedMs, ...demotions.map(({ at }) => at - (over.beforeMs ?? traffic.beforeMs))]
  const calls = begun.filter((at) => turns.every((turn) => at < turn - graceMs || at >= turn)).length
  return { state: status.state, reason: status.reason, elapsedMs, calls }
}

const runAll = async (seeds: number, over: Partial<SimulateOptions>, graceMs = 0) => {
  const all = []
  for (const seed of seedsUpTo(seeds)) all.push(await runOne(seed, over, graceMs))
  return all
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('calls that hang', () => {
  const reach: Record<string, [over: Partial<SimulateOptions>, most: number, graceMs: number]> = {
    '20 %, for ever': [{ canary: hangs(0.2) }, 60, LINE_MS + 1_000],
    '20 %, and their clients leave after 1 s': [{ canary: hangs(0.2, 1_000) }, 60, LINE_MS + 1_000],
    '20 %, and their clients leave after 10 s': [{ canary: hangs(0.2, 10_000) }, 60, LINE_MS + 1_000],
    '10 % of one key’s 200 calls a second, and its clients leave after 3 s': [
      {
        canary: hangs(0.1, 3_000),
        requestsPerSecond: 400,
        beforeMs: 60_000,
        keyOf: () => 'tenant',
        rollout: { plan: linearPlan([50, 100], { minDurationMs: 60_000 }), warmUp: { weight: 50 } },
      },
      3_000,
      LINE_MS + 1_000,
    ],
    'all, for ever': [{ canary: hangs(1) }, 15, LINE_MS + 1_000],
    'all, and their clients leave after 5 s': [{ canary: hangs(1, 5_000) }, 15, LINE_MS + 1_000],
    '20 %, without a past': [{ canary: hangs(0.2), beforeMs: 0 }, 180, COLD_LINE_MS + 1_000],
    '20 %, without a past, and their clients leave after 3 s': [
      { canary: hangs(0.2, 3_000), beforeMs: 0 },
      180,
      COLD_LINE_MS + 1_000,
    ],
    'all from the first call on, without a past': [{ canary: hangs(1), beforeMs: 0 }, 45, COLD_LINE_MS + 1_000],
    'all from the first call on, without a past, and their clients leave after 3 s': [
      { canary: hangs(1, 3_000), beforeMs: 0 },
      45,
      COLD_LINE_MS + 1_000,
    ],
    '20 % of half a request a second': [
      { canary: hangs(0.2, 30_000), requestsPerSecond: 0.5, horizonMs: 43_200_000 },
      60,
      LINE_MS + 1_000,
    ],
  }

  it.each(Object.entries(reach))(
    '%s: rolled back in time',
    async (_, [over, most, graceMs]) => {
      const all = await runAll(12, over, graceMs)
      expect(all.map(({ state }) => state)).toEqual(all.map(() => 'rolled-back'))
      expect(Math.max(...all.map(({ calls }) => calls))).toBeLessThanOrEqual(most)
      for (const { reason } of all) expect(reason).toMatch(/unanswered/)
    },
    120_000,
  )
})

describe('a good canary', () => {
  const leavesEarly =
    (share: number): Behave =>
    (context) => {
      const call = sound(context)
      return context.random() < share ? { durationMs: context.random() * 100, outcome: 'aborted' } : call
    }
  /** What becomes of a share of calls; the same calls for the same seed, whatever it is. */
  const strikes =
    (share: number, struck: (call: SimulatedCall, leaveMs: number) => SimulatedCall): Behave =>
    (context) => {
      const call = sound(context)
      const [isStruck, leaveMs] = [context.random() < share, 400 + 2_000 * context.random()]
      return isStruck ? struck(call, leaveMs) : call
    }
  const leavesLate = (share: number) => strikes(share, (_, durationMs) => ({ durationMs, outcome: 'aborted' }))
  const errs = (share: number) => strikes(share, (call) => ({ ...call, outcome: 'error' }))
  const times =
    (factor: number): Behave =>
    (context) => {
      const call = sound(context)
      return { ...call, durationMs: factor * call.durationMs }
    }
  const isColdFor =
    (ms: number): Behave =>
    (context) =>
      (context.elapsedMs < ms ? times(5) : sound)(context)
  const isRarelySlow: Behave = (context) => (context.random() < 0.01 ? times(100) : sound)(context)
  const losesSocketsEvery =
    (periodMs: number): Behave =>
    (context) => {
      const call = sound(context)
      const phaseMs = ((context.elapsedMs % periodMs) + periodMs) % periodMs
      const leftMs = periodMs - phaseMs
      return call.durationMs > leftMs ? { durationMs: leftMs, outcome: 'aborted' } : call
    }
  const cancels: Behave = (context) => {
    const call = sound(context)
    if (context.key !== 'heavy' || context.random() >= 0.9) return call
    const leaveMs = context.random() * 3_000
    return leaveMs < call.durationMs ? { durationMs: leaveMs, outcome: 'aborted' } : call
  }
  const both = (behave: Behave) => ({ baseline: behave, canary: behave })

  const good: Record<string, Partial<SimulateOptions>> = {
    'that is the same': {},
    'of which 1 % of clients leave early, as before': both(leavesEarly(0.01)),
    'of which 5 % of clients leave early, as before': both(leavesEarly(0.05)),
    'of which 20 % of clients leave early, as before': both(leavesEarly(0.2)),
    'of which 1 % of clients leave late, as before': both(leavesLate(0.01)),
    'of which 5 % of clients leave late, as before': both(leavesLate(0.05)),
    'of which 20 % of clients leave late, as before': both(leavesLate(0.2)),
    'that is five times slower for a minute': { canary: isColdFor(60_000) },
    'that is three times slower within a wide margin': {
      canary: times(3),
      rollout: { ...traffic.rollout, guardrails: [errorRate(), latency({ marginMs: 1_000 }), unansweredRate()] },
    },
    'of which 1 % of calls take 100 times as long, as before': both(isRarelySlow),
    'behind a proxy that drops all sockets every four minutes': both(losesSocketsEvery(240_000)),
    'of which one sticky client with 5 % of the traffic cancels 90 %': {
      ...both(cancels),
      keyOf: (random) => (random() < 0.05 ? 'heavy' : `user-${Math.floor(random() * 2_000)}`),
      strategy: (random) => stickyStrategy({ salt: `salt-${Math.floor(random() * 1e9)}` }),
    },
  }

  it.each(Object.entries(good))(
    '%s is promoted',
    async (_, over) => {
      const all = await runAll(6, over)
      expect(all.map(({ state, reason }) => (state === 'promoted' ? state : reason))).toEqual(all.map(() => 'promoted'))
    },
    120_000,
  )

  it('with half a request a second is promoted', async () => {
    const all = await runAll(3, { requestsPerSecond: 0.5, horizonMs: 43_200_000 })
    expect(all.map(({ state }) => state)).toEqual(['promoted', 'promoted', 'promoted'])
  }, 120_000)

  it('is promoted as soon as without the guardrail where clients leave early', async () => {
    const without = { ...traffic.rollout, guardrails: [errorRate(), latency(), tailLatency()] }
    const withIt = { ...traffic.rollout, guardrails: [...without.guardrails, unansweredRate()] }
    for (const share of [0.01, 0.05, 0.2]) {
      const meanMs = async (rollout: typeof without | typeof withIt) =>
        mean((await runAll(4, { ...both(leavesEarly(share)), rollout })).map(({ elapsedMs }) => elapsedMs))
      const ratio = (await meanMs(withIt)) / (await meanMs(without))
      expect(ratio).toBeGreaterThan(0.9)
      expect(ratio).toBeLessThan(1.1)
    }
  }, 120_000)

  it('is promoted no later where clients leave late than where as many calls are errors', async () => {
    for (const share of [0.05, 0.2]) {
      const medianMs = async (behave: Behave) =>
        median((await runAll(5, both(behave))).map(({ elapsedMs }) => elapsedMs))
      expect(await medianMs(leavesLate(share))).toBeLessThan(1.1 * (await medianMs(errs(share))))
    }
  }, 120_000)
})
