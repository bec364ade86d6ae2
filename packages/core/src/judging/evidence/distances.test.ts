import { describe, expect, it } from 'vitest'
import { bernoulli } from '../../guardrails/compare-means.js'
import { predictionShift } from '../../guardrails/prediction-shift.js'
import { distancesOf } from './distances.js'
import { questionsOf } from './questions.js'
import { startThread } from './thread.js'

const questions = questionsOf(predictionShift(), { kind: 'classes', labels: ['pos', 'neg'] })

/** Threads in which so many of 100 predictions of each arm fell on the first question's class. */
const threads = (baseline: number, canary: number) =>
  questions.map((question, at) => ({
    ...startThread(question, bernoulli(0, 0)),
    seen: { baseline: bernoulli(at === 0 ? baseline : 0, 100), canary: bernoulli(at === 0 ? canary : 0, 100) },
  }))

describe('distances', () => {
  it('are those of all classes, also of the one that no question is asked about', () => {
    const { totalVariation, populationStability, jensenShannon, hellinger } = distancesOf(questions, threads(60, 80))!
    expect(totalVariation).toBeCloseTo(0.2, 12)
    expect(populationStability).toBeCloseTo(0.1961658506, 9)
    expect(jensenShannon).toBeCloseTo(0.0241572568, 9)
    expect(hellinger).toBeCloseTo(0.1560030913, 9)
  })

  it('are left out where nothing was predicted, and for guardrails without classes', () => {
    const unseen = questions.map((question) => startThread(question, bernoulli(0, 0)))
    expect(distancesOf(questions, unseen)).toBeUndefined()
    expect(distancesOf([], [])).toBeUndefined()
  })
})
