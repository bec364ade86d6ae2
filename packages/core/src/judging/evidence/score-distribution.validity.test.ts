import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { binomial, contextOf, historyOf, policy } from './evidence.fixture.js'
import { openStep, updateEvidence } from './update-evidence.js'

type Draw = (random: () => number) => number

/** A score with a mean of .5, normally distributed. */
const normal =
  (deviation: number, mean = 0.5): Draw =>
  (random) =>
    mean + deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Returns the canary's scores until the rollback of each of so many rollouts, at 50 requests a second, 10 % canary. */
function rollOut(
  canaryScore: Draw,
  given: {
    readonly rollouts: number
    readonly seconds: number
    readonly every?: number
    readonly total?: number | false
  },
): readonly (number | undefined)[] {
  const { rollouts, seconds, every = 1, total } = given
  const guardrails = [errorRate(), scoreShift({ margin: 0.05, totalMargin: total })]
  const random = seededRandom(2_070)
  const drawn = (requests: number, draw: Draw) =>
    arm({
      requests,
      errors: binomial(random, requests, 0.01),
      scores: Array.from({ length: requests }, () => draw(random)),
    })
  const baselineHistory = historyOf(guardrails, 60, () => ({
    requests: 150,
    errors: 1,
    scores: Array.from({ length: 150 }, () => normal(0.1)(random)),
  }))
  const context = contextOf(guardrails, { calibration: { baselineHistory } })
  return Array.from({ length: rollouts }, () => {
    let evidence = openStep(undefined, context, policy)
    let scores = 0
    for (let second = 0; second < seconds; second += every) {
      const canary = binomial(random, 50 * every, 0.1)
      const arms = { baseline: drawn(50 * every - canary, normal(0.1)), canary: drawn(canary, canaryScore) }
      evidence = updateEvidence(evidence, { ...arms, elapsedMs: 1_000 * every }, context, policy)
      scores += canary
      if (evidence.combinedEvidence >= Math.log(20)) return scores
    }
    return undefined
  })
}

const count = (found: readonly (number | undefined)[]) => found.filter((one) => one !== undefined).length
const median = (found: readonly (number | undefined)[]) =>
  found.map((one) => one ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b)[Math.floor(found.length / 2)]!

describe('of scores, the combined evidence', () => {
  it('finds a deviation of 2.5 times as much with the same mean, which the mean alone does not show', () => {
    const found = rollOut(normal(0.25), { rollouts: 60, seconds: 60 })
    expect(count(found)).toBe(60)
    expect(median(found)).toBeLessThanOrEqual(110)
    expect(median(rollOut(normal(0.25), { rollouts: 60, seconds: 60, total: 0.1 }))).toBeLessThanOrEqual(95)
    expect(count(rollOut(normal(0.25), { rollouts: 10, seconds: 60, total: false }))).toBe(0)
  }, 300_000)

  it('finds a mean that moves by two margins about as soon as without the distribution', () => {
    const moved = normal(0.1, 0.6)
    const alone = median(rollOut(moved, { rollouts: 60, seconds: 60, total: false }))
    expect(median(rollOut(moved, { rollouts: 60, seconds: 60 })) / alone).toBeLessThan(1.15)
  }, 300_000)

  it.each([
    ['are the same', normal(0.1)],
    ['are all higher by half of the margin, which is tolerable', normal(0.1, 0.525)],
  ])(
    'rolls back none of 300 canaries whose scores %s',
    (_, draw) => {
      expect(count(rollOut(draw, { rollouts: 300, seconds: 300, every: 15 }))).toBe(0)
    },
    120_000,
  )
})
