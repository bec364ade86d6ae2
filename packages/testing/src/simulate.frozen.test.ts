import { errorRate, latency, linearPlan, stickyStrategy, thresholdJudge, tripwire } from '@model-canary/core'
import type { Judge } from '@model-canary/core/judge'
import { describe, expect, it } from 'vitest'
import type { CallContext, SimulatedCall } from './behaviour.js'
import { simulate } from './simulate.js'
import type { SimulateOptions } from './simulate-options.js'
import { userKeys } from './user-keys.js'

// A seed stands for a rollout: whoever noted one must find it again. Changing a figure here is a breaking change.

/** Never moves the weight, so that nothing but the traffic shows. */
const undecided: Judge = {
  name: 'undecided',
  open: () => null,
  update: () => null,
  decide: (_evidence, { epoch, step }) => ({ kind: 'inconclusive', epoch, step, checks: [] }),
}

/** Remembers how often a version was called, how long all its calls took, and the last of them. */
function meter(version: (context: CallContext) => SimulatedCall) {
  let calls = 0
  let durationMs = 0
  let last: CallContext | undefined
  return {
    read: () =>
      `${calls} calls, ${Math.round(durationMs)} ms, last ${Math.round(last!.elapsedMs)} ${last!.key ?? ''}`.trim(),
    version(context: CallContext): SimulatedCall {
      const call = version(context)
      calls += 1
      if (call.durationMs < Number.POSITIVE_INFINITY) durationMs += call.durationMs
      last = context
      return call
    },
  }
}

const exponential = ({ random }: CallContext): SimulatedCall => ({ durationMs: -200 * Math.log(1 - random()) })
const hangsNowAndThen = ({ random }: CallContext): SimulatedCall => ({
  durationMs: random() < 0.1 ? Number.POSITIVE_INFINITY : 3_000 * random(),
  outcome: random() < 0.05 ? 'error' : 'success',
})

describe('the traffic of a seed', () => {
  const trafficOf = async (options: Pick<SimulateOptions, 'requestsPerSecond' | 'seed'> & Partial<SimulateOptions>) => {
    const [baseline, canary] = [meter(exponential), meter(hangsNowAndThen)]
    const { requests } = await simulate({
      horizonMs: 300_000,
      baseline: baseline.version,
      canary: canary.version,
      rollout: { judge: undecided, tripwire: false, plan: linearPlan([30, 100]) },
      ...options,
    })
    return [requests.baseline, baseline.read(), canary.read()]
  }

  it('is the one that it was, at a steady rate', async () => {
    expect(await trafficOf({ seed: 1, requestsPerSecond: 50 })).toEqual([
      11_292,
      '11292 calls, 2236013 ms, last 299979',
      '3579 calls, 4758624 ms, last 299943',
    ])
  })

  it('is the one that it was, with a past and with calls of many seconds', async () => {
    expect(await trafficOf({ seed: 2, requestsPerSecond: 400, beforeMs: 60_000, horizonMs: 90_000 })).toEqual([
      31_724,
      '55952 calls, 11085783 ms, last 89995',
      '4035 calls, 5411069 ms, last 89989',
    ])
  })

  it('is the one that it was, at a rate that changes and ceases', async () => {
    const requestsPerSecond = (ms: number) => (ms > 100_000 && ms < 160_000 ? 0 : 5 + 5 * Math.sin(ms / 20_000))
    expect(await trafficOf({ seed: 3, requestsPerSecond, beforeMs: 50_000 })).toEqual([
      994,
      '1061 calls, 204098 ms, last 299836',
      '238 calls, 325087 ms, last 299504',
    ])
  })

  it('is the one that it was, at less than a request a second', async () => {
    expect(await trafficOf({ seed: 4, requestsPerSecond: 0.4, beforeMs: 100_000 })).toEqual([
      105,
      '140 calls, 28313 ms, last 294594',
      '32 calls, 37499 ms, last 299958',
    ])
  })

  it('is the one that it was, of users that stick', async () => {
    const sticky: Partial<SimulateOptions> = {
      keyOf: userKeys({ users: 300, missing: 0.1 }),
      strategy: (random) => stickyStrategy({ salt: 'frozen', onMissingKey: 'random', random }),
    }
    expect(await trafficOf({ seed: 5, requestsPerSecond: 50, ...sticky })).toEqual([
      12_512,
      '12512 calls, 2479473 ms, last 299982 user-4',
      '2682 calls, 3661380 ms, last 299968 user-7',
    ])
  })
})

describe('the rollout of a seed', () => {
  const decisionsOf = async (seed: number, canary: SimulateOptions['canary']) => {
    const { history, elapsedMs, requests } = await simulate({
      seed,
      requestsPerSecond: 30,
      baseline: { errorRate: 0.01, predictions: { positive: 3, negative: 2 } },
      canary,
      beforeMs: 100_000,
      rollout: {
        plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 100 }),
        guardrails: [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })],
        judge: thresholdJudge({ minSamples: 100 }),
        tripwire: tripwire({ errorRate: 0.3 }),
      },
    })
    const path = history
      .toReversed()
      .flatMap(({ action, elapsedInStepMs }) =>
        action === 'hold' ? [] : [`${action} after ${Math.round(elapsedInStepMs)}`],
      )
    return { path, elapsedMs: Math.round(elapsedMs), requests }
  }
  const begins = ['start after 0', 'advance after 0']

  it('is the one that it was, to a promotion', async () => {
    expect(await decisionsOf(11, { errorRate: 0.01 })).toEqual({
      path: [...begins, ...Array(3).fill('advance after 60000'), 'promote after 60000'],
      elapsedMs: 240_012,
      requests: { baseline: 4_296, canary: 2_921 },
    })
  })

  it('is the one that it was, to a rollback by the judge', async () => {
    expect(await decisionsOf(12, { errorRate: 0.07 })).toEqual({
      path: [...begins, 'advance after 60000', 'rollback after 45000'],
      elapsedMs: 105_038,
      requests: { baseline: 2_972, canary: 155 },
    })
  })

  it('is the one that it was, to a touch of the tripwire', async () => {
    expect(await decisionsOf(13, { errorRate: 0.9 })).toEqual({
      path: [...begins, 'rollback after 17287'],
      elapsedMs: 17_287,
      requests: { baseline: 552, canary: 10 },
    })
  })
})
