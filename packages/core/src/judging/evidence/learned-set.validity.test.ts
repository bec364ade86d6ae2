import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import type { Summary } from '../../summaries/summary.js'
import { binomial, contextOf, historyOf, policy } from './evidence.fixture.js'
import { openStep, updateEvidence } from './update-evidence.js'

const ROLLBACK_FROM = Math.log(20)

/** 50 requests a second, a tenth of them for the canary. */
const REQUESTS = 50
const SPLIT = 0.1

type Shares = Readonly<Record<string, number>>

/** Draws so many predictions; the last class gets what is left. */
function predict(random: () => number, requests: number, shares: Shares): Record<string, number> {
  const counts: Record<string, number> = {}
  let left = requests
  let share = 1
  for (const [label, own] of Object.entries(shares)) {
    counts[label] = share <= own ? left : binomial(random, left, own / share)
    left -= counts[label]
    share -= own
  }
  return counts
}

const drawn = (random: () => number, requests: number, shares: Shares): Summary =>
  arm({ requests, errors: binomial(random, requests, 0.01), predictions: predict(random, requests, shares) })

/** Returns the canary's predictions until the rollback of each of so many rollouts; `undefined` without one. */
function rollOut(
  shares: { readonly baseline: Shares; readonly canary: Shares },
  { rollouts, seconds, every = 1 }: { readonly rollouts: number; readonly seconds: number; readonly every?: number },
  guardrails: readonly Guardrail[] = [errorRate(), predictionShift()],
): readonly (number | undefined)[] {
  const random = seededRandom(2_068)
  const past = () => ({ requests: 750, errors: 7, predictions: predict(random, 750, shares.baseline) })
  const calibration = { baselineHistory: historyOf(guardrails, 60, past) }
  const context = contextOf(guardrails, { calibration })
  return Array.from({ length: rollouts }, () => {
    let evidence = openStep(undefined, context, policy)
    let predictions = 0
    for (let second = 0; second < seconds; second += every) {
      const canary = binomial(random, REQUESTS * every, SPLIT)
      const arms = {
        baseline: drawn(random, REQUESTS * every - canary, shares.baseline),
        canary: drawn(random, canary, shares.canary),
      }
      evidence = updateEvidence(evidence, { ...arms, elapsedMs: 1_000 * every }, context, policy)
      predictions += canary
      if (evidence.combinedEvidence >= ROLLBACK_FROM) return predictions
    }
    return undefined
  })
}

const count = (found: readonly (number | undefined)[]) => found.filter((one) => one !== undefined).length

const median = (found: readonly (number | undefined)[]) =>
  found.map((one) => one ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b)[Math.floor(found.length / 2)]

/** Thirty classes, of which every other one is more frequent by this factor, and the rest less. */
const thirty = (by: number): Shares =>
  Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`label-${at}`, (1 + (at % 2 ? -by : by)) / 30]))

/** Ten classes, half of which gain this much, while the others lose as much. */
const ten = (by: number): Shares =>
  Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`label-${at}`, 0.1 + (at % 2 ? -by : by)]))

describe('of many classes, the combined evidence', () => {
  it.each([
    ['is like the baseline', 0],
    ['differs by a total variation of .05, which is tolerable', 0.1],
  ])(
    'rolls back none of 300 canaries, if each %s',
    (_, by) => {
      const found = rollOut({ baseline: thirty(0), canary: thirty(by) }, { rollouts: 300, seconds: 450, every: 15 })
      expect(count(found)).toBe(0)
    },
    60_000,
  )

  it('finds a total variation of .26 within 250 predictions, long before any class shows it alone', () => {
    const shares = { baseline: thirty(0), canary: thirty(0.52) }
    const found = rollOut(shares, { rollouts: 60, seconds: 200 })
    expect(count(found)).toBe(60)
    expect(median(found)).toBeLessThanOrEqual(250)
    const alone = [errorRate(), predictionShift({ totalMargin: false })]
    expect(count(rollOut(shares, { rollouts: 10, seconds: 60 }, alone))).toBe(0)
  }, 300_000)

  it('finds ten classes that each move by four points, unless the total margin accepts it', () => {
    const shares = { baseline: ten(0), canary: ten(0.04) }
    expect(median(rollOut(shares, { rollouts: 40, seconds: 200 }))).toBeLessThanOrEqual(475)
    const wide = [errorRate(), predictionShift({ totalMargin: 0.4 })]
    expect(count(rollOut(shares, { rollouts: 40, seconds: 450, every: 15 }, wide))).toBe(0)
  }, 300_000)
})

describe('of few classes', () => {
  it('the evidence finds 60/40 → 80/20 within 170 predictions', () => {
    const shares = { baseline: { a: 0.6, b: 0.4 }, canary: { a: 0.8, b: 0.2 } }
    expect(median(rollOut(shares, { rollouts: 60, seconds: 200 }))).toBeLessThanOrEqual(170)
  })

  it('a class that moves alone is found about as soon as without the total', () => {
    const rest = Object.fromEntries(Object.keys(ten(0)).map((label) => [label, 0.7 / 9]))
    const shares = { baseline: ten(0), canary: { ...rest, 'label-0': 0.3 } }
    const found = median(rollOut(shares, { rollouts: 60, seconds: 200 }))!
    const alone = median(
      rollOut(shares, { rollouts: 60, seconds: 200 }, [errorRate(), predictionShift({ totalMargin: false })]),
    )!
    expect(found / alone).toBeLessThan(1.2)
  })
})

describe('a rare class', () => {
  const rare = (share: number): Shares => ({ positive: 0.6 - share, negative: 0.4, rare: share })

  it.each([
    [0.005, 2_250],
    [0.01, 1_150],
    [0.04, 300],
  ])(
    'of %s that vanishes is found within %s predictions',
    (share, most) => {
      const found = rollOut({ baseline: rare(share), canary: rare(0) }, { rollouts: 40, seconds: 1_200 })
      expect(count(found)).toBe(40)
      expect(median(found)).toBeLessThanOrEqual(most)
    },
    60_000,
  )

  it.each([
    ['keeps', 0.01],
    ['loses a quarter of', 0.0075],
  ])(
    'that %s its share is not a reason for a rollback: 0 of 300',
    (_, share) => {
      const found = rollOut({ baseline: rare(0.01), canary: rare(share) }, { rollouts: 300, seconds: 900, every: 15 })
      expect(count(found)).toBe(0)
    },
    60_000,
  )
})
