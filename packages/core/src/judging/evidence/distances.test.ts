import { describe, expect, it } from 'vitest'
import { bernoulli } from '../../guardrails/compare-means.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { distancesOf } from './distances.js'
import { startHypothesis } from './hypothesis-state.js'

const hypotheses = hypothesesOf(predictionShift(), { labels: ['pos', 'neg'], shares: [0.6, 0.4] })

/** States in which so many of 100 predictions of each arm fell on the first hypothesis's class. */
const states = (baseline: number, canary: number) =>
  hypotheses.map((hypothesis, at) => ({
    ...startHypothesis(hypothesis, bernoulli(0, 0)),
    seen: { baseline: bernoulli(at === 0 ? baseline : 0, 100), canary: bernoulli(at === 0 ? canary : 0, 100) },
  }))

describe('distances', () => {
  it('are those of all classes, including the one without a hypothesis', () => {
    const { totalVariation, populationStability, jensenShannon, hellinger } = distancesOf(states(60, 80))!
    expect(totalVariation).toBeCloseTo(0.2, 12)
    expect(populationStability).toBeCloseTo(0.1961658506, 9)
    expect(jensenShannon).toBeCloseTo(0.0241572568, 9)
    expect(hellinger).toBeCloseTo(0.1560030913, 9)
  })

  it('are left out without predictions, and for guardrails without classes', () => {
    const unseen = hypotheses.map((hypothesis) => startHypothesis(hypothesis, bernoulli(0, 0)))
    expect(distancesOf(unseen)).toBeUndefined()
    expect(distancesOf([])).toBeUndefined()
  })
})
