import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { mergeSummaries, type Summary } from '../../summaries/summary.js'
import { learnWindow, noHistory } from './baseline-history.js'
import { atMost, binomial, contextOf, historyOf, policy } from './evidence.fixture.js'
import { openStep, updateEvidence } from './update-evidence.js'

/** The logarithm of the combined evidence from which a canary is rolled back. */
const ROLLBACK_FROM = Math.log(20)

const BLOCKS = 80
const SPLITS = [0.01, 0.1, 0.5]
const RATES = [0.5, 5, 50, 500] // requests a second

/**
 * What befalls the two arms in a block: the rates of their errors, and how much of its share the canary really gets.
 */
interface World {
  readonly baseline: (block: number) => number
  readonly canary: (block: number) => number
  readonly realised?: number
}

/** Requests of an arm in the time of a block, and how many of them fail. */
type Draw = (
  random: () => number,
  requests: number,
  world: World,
  variant: 'baseline' | 'canary',
  block: number,
) => Summary

const errorsAlone: Draw = (random, requests, world, variant, block) =>
  arm({ requests, errors: binomial(random, requests, world[variant](block)) })

/**
 * Returns the share of rollouts that are ever rolled back, over all splits and amounts of traffic, with a look at every
 * block.
 */
function shareOfRollbacks(
  world: World,
  guardrails: readonly Guardrail[],
  baselineHistory: unknown,
  perCell: number,
  draw = errorsAlone,
) {
  const random = seededRandom(2_026)
  const context = contextOf(guardrails, { calibration: { baselineHistory } })
  let rollbacks = 0
  for (const split of SPLITS) {
    for (const rate of RATES) {
      const share = split * (world.realised ?? 1)
      const elapsedMs = Math.min(15_000, Math.max(1_000, 6_000 / (rate * Math.min(share, 1 - share))))
      for (let rollout = 0; rollout < perCell; rollout += 1) {
        let evidence = openStep(undefined, context, policy)
        for (let block = 0; block < BLOCKS && evidence.combinedEvidence < ROLLBACK_FROM; block += 1) {
          const requests = Math.floor((rate * elapsedMs) / 1_000 + random())
          const canary = binomial(random, requests, share)
          const arms = {
            baseline: draw(random, requests - canary, world, 'baseline', block),
            canary: draw(random, canary, world, 'canary', block),
          }
          evidence = updateEvidence(evidence, { ...arms, elapsedMs }, context, policy)
        }
        if (evidence.combinedEvidence >= ROLLBACK_FROM) rollbacks += 1
      }
    }
  }
  return rollbacks / (SPLITS.length * RATES.length * perCell)
}

describe('at 1/99, 10/90 and 50/50, at four amounts of traffic, looked at after every block, the combined evidence', () => {
  const guardrails = [errorRate({ margin: 0.02 })]
  const histories = seededRandom(7)
  const baselineHistory = historyOf(guardrails, 60, () => ({ requests: 750, errors: binomial(histories, 750, 0.02) }))
  const PER_CELL = 20
  const limit = atMost(0.05, 12 * PER_CELL)
  const tolerable = 0.01

  it('hardly ever rolls back a canary that is like the baseline', () => {
    const world = { baseline: () => 0.02, canary: () => 0.02 }
    expect(shareOfRollbacks(world, guardrails, baselineHistory, PER_CELL)).toBeLessThanOrEqual(limit / 2)
  }, 120_000)

  it('rolls back a canary that is exactly tolerable in at most one rollout of twenty', () => {
    const world = { baseline: () => 0.02, canary: () => 0.02 + tolerable }
    expect(shareOfRollbacks(world, guardrails, baselineHistory, PER_CELL)).toBeLessThanOrEqual(limit)
  }, 120_000)

  it('does so no more often while both arms drift from 0.5 % to 8 % and back', () => {
    const drift = (block: number) => 0.005 + 0.075 * Math.sin((Math.PI * block) / BLOCKS) ** 2
    const world = { baseline: drift, canary: (block: number) => drift(block) + tolerable }
    expect(shareOfRollbacks(world, guardrails, baselineHistory, PER_CELL)).toBeLessThanOrEqual(limit)
  }, 120_000)

  it('does so no more often in an incident that both arms share', () => {
    const incident = (block: number) => (block >= 20 && block < 40 ? 0.15 : 0.02)
    const world = { baseline: incident, canary: (block: number) => incident(block) + tolerable }
    expect(shareOfRollbacks(world, guardrails, baselineHistory, PER_CELL)).toBeLessThanOrEqual(limit)
  }, 120_000)

  it.each([0.7, 1.3])(
    'does so no more often if the canary gets %s times the planned share',
    (realised) => {
      const world = { baseline: () => 0.02, canary: () => 0.02 + tolerable, realised }
      expect(shareOfRollbacks(world, guardrails, baselineHistory, PER_CELL)).toBeLessThanOrEqual(limit)
    },
    120_000,
  )

  it('hardly ever rolls back a good canary if errors come five at a time, thanks to the dispersion', () => {
    const inFives = seededRandom(10)
    const burstsOf = (random: () => number, requests: number) => {
      const bursts = binomial(random, Math.floor(requests / 5), 0.02)
      return arm({ requests, errors: 5 * bursts })
    }
    let noisy = noHistory()
    for (let window = 0; window < 60; window += 1) noisy = learnWindow(noisy, burstsOf(inFives, 750), guardrails)
    const world = { baseline: () => 0, canary: () => 0 }
    expect(shareOfRollbacks(world, guardrails, noisy, PER_CELL, burstsOf)).toBeLessThanOrEqual(limit)
  }, 120_000)

  it('finds a canary that is worse by two and a half margins, if there is enough traffic', () => {
    const world = { baseline: () => 0.02, canary: () => 0.07 }
    expect(shareOfRollbacks(world, guardrails, baselineHistory, 4)).toBeGreaterThan(0.5)
  }, 120_000)
})

describe('over all guardrails together, the combined evidence', () => {
  const guardrails = [errorRate(), latency({ marginMs: 50 }), tailLatency(), predictionShift()]

  /** 100 ms as a rule, 300 ms at times and 900 ms seldom; `worse` is half of every margin. */
  const drawAll =
    (worse: number): Draw =>
    (random, requests, _, variant) => {
      const more = variant === 'canary' ? worse : 0
      const endless = binomial(random, requests, 0.003 + 0.0035 * more) // the margin of the tail is .01 − .003
      const slow = binomial(random, requests - endless, 0.1 + 0.111 * more) // .111·200 ms + .0035·800 ms are 25 ms
      const cat = binomial(random, requests, 0.6 + 0.05 * more)
      const rest = {
        errors: binomial(random, requests - endless - slow, 0.01 + 0.01 * more),
        predictions: { cat, dog: requests - cat },
      }
      return [arm({ requests: slow, latencyMs: 300 }), arm({ requests: endless, latencyMs: 900 })].reduce(
        mergeSummaries,
        arm({ requests: requests - endless - slow, ...rest }),
      )
    }

  const world: World = { baseline: () => 0, canary: () => 0 }
  const random = seededRandom(8)
  let baselineHistory = noHistory()
  for (let window = 0; window < 60; window += 1) {
    baselineHistory = learnWindow(baselineHistory, drawAll(0)(random, 750, world, 'baseline', window), guardrails)
  }

  it.each([
    ['is like the baseline', 0],
    ['is exactly tolerable in everything at once', 1],
  ])(
    'rolls back a canary that %s in at most one rollout of twenty',
    (_, worse) => {
      const found = shareOfRollbacks(world, guardrails, baselineHistory, 7, drawAll(worse))
      expect(found).toBeLessThanOrEqual(atMost(0.05, 84))
    },
    120_000,
  )
})
