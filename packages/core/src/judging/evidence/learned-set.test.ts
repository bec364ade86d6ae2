import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { logBlockEvidence } from '../../statistics/block-evidence.js'
import type { Moments } from '../../statistics/moments.js'
import { policy, yes } from './evidence.fixture.js'
import { type HypothesisState, nextStep, startHypothesis } from './hypothesis-state.js'
import { asOf, withClassUsers } from './learned-set.js'
import { closeBlock, updateHypothesis } from './update-hypothesis.js'
import { noDispersion } from './window-noise.js'

const hypotheses = hypothesesOf(predictionShift(), {
  labels: ['ant', 'bee', 'cat', 'dog'],
  shares: [0.25, 0.25, 0.25, 0.25],
})
const total = hypotheses.at(-1)!

/** Counts of ant, bee, cat, dog and of other classes. */
type Counts = readonly [ant: number, bee: number, cat: number, dog: number, others?: number]

const EVEN: Counts = [250, 250, 250, 250, 0]

/** A hypothesis about the set, after a history in which all four classes were equally frequent. */
const fresh = startHypothesis(total, yes(0, 1_000), noDispersion, EVEN as readonly number[])

const summaryOf = ([ant, bee, cat, dog, others = 0]: Counts) =>
  arm({ predictions: { ant, bee, cat, dog }, otherPredictions: others })

function told(state: HypothesisState, baseline: Counts, canary: Counts): HypothesisState {
  const arms = { baseline: summaryOf(baseline), canary: summaryOf(canary) }
  const news = { arms, elapsedMs: 1_000, isTick: false, isAlone: false, isOutage: false }
  return updateHypothesis(total, state, news, policy)
}

const chosenOf = (state: HypothesisState) => state.learned!.chosen
const harmOf = (state: HypothesisState) => state.sides[0]!.inferiority

/** After a block of 100 predictions in each arm: ant and cat have become more frequent in the canary. */
const learned = told(fresh, [25, 25, 25, 25], [38, 12, 34, 16])

describe('a learned set', () => {
  it('has the classes that are more frequent in the canary, the largest rise first', () => {
    expect(chosenOf(fresh)).toEqual([])
    expect(chosenOf(learned)).toEqual([0, 2])
  })

  it('is not chosen from fewer than 30 predictions of the canary', () => {
    expect(chosenOf(told(fresh, [50, 0, 0, 0], [29, 0, 0, 0]))).toEqual([])
    expect(chosenOf(told(fresh, [50, 0, 0, 0], [30, 0, 0, 0]))).toEqual([0])
  })

  it('may have a class that is new', () => {
    expect(chosenOf(told(fresh, [25, 25, 25, 25], [20, 20, 20, 20, 20]))).toEqual([4])
  })

  it('does not depend on the block that it is tested on', () => {
    expect(harmOf(learned)).toEqual(harmOf(fresh)) // nothing was chosen before this block
    const open = told(learned, [0, 0, 0, 0], [0, 90, 0, 0]) // the baseline is missing, so the block stays open
    expect([chosenOf(open), open.memory]).toEqual([chosenOf(learned), learned.memory])
    expect(open.open.canary).toEqual(yes(0, 90))
    const closed = told(open, [25, 25, 25, 25], [0, 0, 0, 0])
    expect(chosenOf(closed)).toEqual([1])
    expect(Math.max(...harmOf(closed))).toBeLessThan(harmOf(learned)[0]!) // bee rose, and the bet was on ant and cat
  })

  it('is scored as the share of its classes together, with what earlier blocks of the baseline say of them', () => {
    const next = told(learned, [250, 250, 250, 250], [40, 10, 40, 10])
    const expected = (2 * 275 + (20 * 2) / 5) / (1_100 + 20)
    expect(learned.memory).toEqual(yes(550, 1_100))
    const block = { baseline: { n: 1_000, x: 500 }, canary: { n: 100, x: 80 } }
    const scores = [1.5, 2.5, 4].map((shift) =>
      logBlockEvidence(block, { canary: expected + shift * 0.1, baseline: expected }, 0.05),
    )
    expect(harmOf(next)).toEqual(harmOf(learned).map((log, at) => expect.closeTo(log + scores[at]!, 9)))
    expect(scores[1]).toBeGreaterThan(8)
  })

  it('says nothing before it is chosen, and where the baseline has hardly any other class', () => {
    const silent = (chosen: readonly number[], memory: Moments) => {
      const state = { ...fresh, learned: { ...fresh.learned!, chosen }, memory }
      return told(state, [50, 50, 0, 0], [0, 0, 50, 50])
    }
    expect(harmOf(silent([], yes(0, 1_000)))).toEqual(harmOf(fresh))
    expect(harmOf(silent([0, 1, 2, 3], yes(8_000, 8_000)))).toEqual(harmOf(fresh))
    expect(harmOf(silent([2, 3], yes(0, 1_000)))[0]).toBeGreaterThan(harmOf(fresh)[0]! + 5)
  })

  it('needs no proof: its evidence of safety is left as it is', () => {
    const next = told(learned, EVEN, [25, 25, 25, 25])
    expect(next.sides[0]!.nonInferiority).toEqual(fresh.sides[0]!.nonInferiority)
    expect(Math.max(...harmOf(next))).toBeLessThan(harmOf(learned)[0]!)
  })
})

describe('a learned set under a split of users', () => {
  const differing = (offset: number) => ({ offset, harmSlack: 0.01, safetySlack: 0.005 })
  const located = withClassUsers(fresh, [differing(0.1), differing(-0.02), differing(0.03), null, null])

  it('expects the sum of what its classes’ users differ by, with the sum of the slacks', () => {
    const chosen = told(located, [25, 25, 25, 25], [38, 12, 34, 16])
    expect(chosenOf(chosen)).toEqual([0, 2])
    expect(chosen.users).toEqual({
      offset: expect.closeTo(0.13, 12),
      harmSlack: expect.closeTo(0.02, 12),
      safetySlack: expect.closeTo(0.01, 12),
    })
    const next = told(chosen, [250, 250, 250, 250], [38, 12, 34, 16])
    expect(harmOf(next)[0]).toBeLessThan(harmOf(told(learned, [250, 250, 250, 250], [38, 12, 34, 16]))[0]! - 2)
    expect(withClassUsers(chosen, null).users).toBeNull()
  })

  it('is not tested while nothing is known of the users, who may be one heavy user', () => {
    const unknown = withClassUsers(learned, [null, null, null, null, null])
    expect(chosenOf(unknown)).toEqual([])
    const moved = told(unknown, [250, 250, 250, 250], [38, 12, 34, 16])
    expect(harmOf(moved)).toEqual(harmOf(unknown))
    expect(chosenOf(moved)).toEqual([])
  })

  it('leaves out a class of whose users nothing is known', () => {
    expect(chosenOf(told(located, [25, 25, 25, 25], [12, 12, 38, 38]))).toEqual([2])
  })
})

describe('the counts of a learned set', () => {
  it('are shown for the classes of the set that was chosen last, of this step alone', () => {
    expect(learned.seen).toEqual({ baseline: yes(50, 100), canary: yes(72, 100) })
    const next = nextStep(learned, false)
    expect([next.seen.canary, chosenOf(next)]).toEqual([yes(0, 0), [0, 2]])
    expect(told(next, [3, 1, 3, 1], [2, 2, 2, 2]).seen).toEqual({ baseline: yes(6, 8), canary: yes(4, 8) })
  })

  it('are bounded, so that a baseline and a canary that change are followed', () => {
    let state = fresh
    for (let block = 0; block < 40; block += 1) state = told(state, [900, 0, 0, 100], [90, 0, 0, 10])
    const { baseline, canary } = state.learned!.known
    for (const counts of [baseline, canary]) {
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(4_000.01)
    }
    expect(baseline[0]).toBeGreaterThan(3_500)
    for (let block = 0; block < 400; block += 1) state = told(state, [900, 0, 0, 100], [90, 0, 0, 10])
    expect(JSON.stringify(state.learned).length).toBeLessThan(300)
  })

  it('are plain JSON', () => {
    expect(JSON.parse(JSON.stringify(learned))).toEqual(learned)
  })

  it('are learned from a block that a step ends with, too', () => {
    const open = told(fresh, [0, 0, 0, 0], [0, 0, 40, 0])
    expect(chosenOf(closeBlock(total, open, { isOutage: false }, policy))).toEqual([2])
  })
})

describe('the name of a learned set', () => {
  const nameOf = (...chosen: readonly number[]) => {
    const state = { ...fresh, learned: { ...fresh.learned!, chosen } }
    return asOf(total, state).statistic.name
  }

  it('lists the classes that rose most', () => {
    expect(nameOf(2)).toBe('share of "cat"')
    expect(nameOf(2, 0)).toBe('share of "cat" and "ant", taken together')
    expect(nameOf(2, 0, 4)).toBe('share of "cat", "ant" and all other classes, taken together')
    expect(nameOf(3, 2, 1, 0)).toBe('share of "dog", "cat", "bee" and 1 more, taken together')
    expect(nameOf()).toBe('share of predictions together')
  })

  it('leaves any other hypothesis as it is', () => {
    expect(asOf(hypotheses[0]!, fresh)).toBe(hypotheses[0])
  })
})
