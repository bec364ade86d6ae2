import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { stratumOffset } from '../../statistics/stratum-offset.js'
import { plainForm } from '../../summaries/strata.js'
import { noHistory } from './baseline-history.js'
import { contextOf, ordinary, policy } from './evidence.fixture.js'
import { beginEvidence } from './evidence.js'
import type { UsersKnown } from './kept-users.js'
import { eachStratum, strataOf } from './strata.fixture.js'
import { openStep } from './update-evidence.js'
import { differenceOf, offsetsAtStart } from './user-offsets.js'
import { formFor } from './users-past.js'

const [errors] = hypothesesOf(errorRate(), {})

/** In every tenth stratum a fifth of the calls fail, and a hundredth elsewhere. */
const errorsIn = (stratum: number) => (stratum % 10 === 0 ? 40 : 2)
const generation = { windows: 40, strata: strataOf(200, errorsIn) }
const users: UsersKnown = { thresholds: { errorRate: {} }, newer: generation, older: generation }
const place = { guardrails: [errorRate()], history: arm(ordinary), weights: [2.5, 10, 25, 90, 97], windowMs: 15_000 }
const offsets = offsetsAtStart(users, place)
const at = (weight: number, elapsedMs = 0, sides = 6) => differenceOf(offsets, errors!, { weight, elapsedMs, sides })

describe('the offsets of a rollout', () => {
  it('are those of the strata that each weight gives to the canary', () => {
    const sums = [eachStratum(() => 200), eachStratum(errorsIn)] as const
    expect(offsets.byHypothesis[errors!.id]?.[10]).toEqual(stratumOffset({ older: sums, newer: sums }, 10))
    expect(at(10)?.offset).not.toBe(at(25)?.offset)
  })

  it('are unknown at a weight that gives too few strata to an arm, and at one that was not planned', () => {
    expect(at(97)).toBeNull()
    expect(at(2.5)).toBeNull()
    expect(at(33)).toBeNull()
  })

  it('are less certain the older the past is, also if it was old at the start', () => {
    const counted = { windows: 40, strata: strataOf(20_000, (stratum) => 100 * errorsIn(stratum)) }
    const moved = (stratum: number) => 100 * errorsIn(stratum) + (stratum % 10 === 1 ? 200 : 0)
    const known = { ...users, older: counted, newer: { windows: 40, strata: strataOf(20_000, moved) } }
    const slackAt = (elapsedMs: number, ageMs?: number) => {
      const aged = offsetsAtStart({ ...known, ...(ageMs !== undefined && { ageMs }) }, place)
      return differenceOf(aged, errors!, { weight: 10, elapsedMs, sides: 6 })!.harmSlack
    }
    const distanceMs = 600_000
    expect(slackAt(0, distanceMs)).toBe(slackAt(0)) // the drift is that of one distance at least
    expect(slackAt(0, 2 * distanceMs)).toBeGreaterThan(slackAt(0))
    expect(slackAt(distanceMs, distanceMs)).toBe(slackAt(2 * distanceMs))
  })

  it('are unknown without a past', () => {
    expect(differenceOf(null, errors!, { weight: 10, elapsedMs: 0, sides: 6 })).toBeNull()
  })

  it('are unknown of a figure that the strata were not counted for', () => {
    const guardrails = [latency()]
    const thresholds = { latency: { capMs: 400 } }
    const [mean] = hypothesesOf(guardrails[0]!, thresholds.latency)
    const found = offsetsAtStart({ ...users, thresholds }, { ...place, guardrails })
    expect(differenceOf(found, mean!, { weight: 10, elapsedMs: 0, sides: 6 })).toBeNull()
    const form = { ...plainForm, capMs: 400 }
    const counted = { windows: 40, strata: strataOf(200, errorsIn, form) }
    const known = offsetsAtStart(
      { ...users, thresholds, newer: counted, older: counted },
      {
        ...place,
        guardrails,
      },
    )
    expect(differenceOf(known, mean!, { weight: 10, elapsedMs: 0, sides: 6 })).toEqual({
      offset: 0,
      harmSlack: 0,
      safetySlack: 0,
    })
  })

  it('are known of each tenth of the scores, if the strata counted them', () => {
    const guardrails = [scoreShift({ margin: 0.05 })]
    const thresholds = { scoreShift: { classes: { edges: [40], margin: 0.1 } } }
    const [, total] = hypothesesOf(guardrails[0]!, thresholds.scoreShift)
    const high = eachStratum(errorsIn)
    const strata = strataOf(200, errorsIn, formFor(guardrails, thresholds), {
      score: [eachStratum(() => 200), eachStratum(() => 100)],
      scoreClasses: [high.map((count) => 200 - count), high],
    })
    const scored: UsersKnown = { ...users, thresholds, newer: { windows: 40, strata }, older: { windows: 40, strata } }
    const known = offsetsAtStart(scored, { ...place, guardrails })
    const [lower, upper] = total!.classes!.ids!.map((id) =>
      differenceOf(known, { id }, { weight: 10, elapsedMs: 0, sides: 6 }),
    )
    expect(upper).toEqual(at(10))
    expect(lower?.offset).toBeCloseTo(-upper!.offset, 12)
  })

  it('have a slack that is 3.29 deviations for six questions of harm, and 1.64 for safety', () => {
    const { harmSlack, safetySlack } = at(10)!
    expect(harmSlack / safetySlack).toBeCloseTo(3.2905 / 1.64, 3)
    expect(at(10, 0, 30)!.harmSlack / safetySlack).toBeCloseTo(3.719 / 1.64, 3)
  })

  it('have twice the slack for the counts of one of several processes, and the same offset', () => {
    const ofAll = at(10)!
    const place = { weight: 10, elapsedMs: 0, sides: 6 }
    expect(ofAll.harmSlack).toBeGreaterThan(0)
    expect(differenceOf(offsets, errors!, { ...place, isOneProcess: true })).toEqual({
      offset: ofAll.offset,
      harmSlack: 2 * ofAll.harmSlack,
      safetySlack: 2 * ofAll.safetySlack,
    })
  })

  it('age: the slack grows after as much time as lies between the middles of the generations', () => {
    const distanceMs = 40 * 15_000
    expect(offsets.distanceMs).toBe(distanceMs)
    expect(at(10, distanceMs)).toEqual(at(10))
    expect(at(10, 4 * distanceMs)!.safetySlack).toBeGreaterThan(at(10)!.safetySlack)
  })
})

describe('a rollout', () => {
  const calibration = { baselineHistory: { ...noHistory(), offsets }, unit: 'key' as const }

  it('begins with the difference of the users at its weight', () => {
    const usersAt = (weight: number) => {
      const evidence = openStep(undefined, contextOf([errorRate()], { calibration, weight }), policy)
      return evidence.guardrails[0]!.hypotheses[0]!.users
    }
    expect(usersAt(10)).toEqual(differenceOf(offsets, errors!, { weight: 10, elapsedMs: 0, sides: 1 }))
    expect(usersAt(25)).toEqual(differenceOf(offsets, errors!, { weight: 25, elapsedMs: 0, sides: 1 }))
    expect(usersAt(97)).toBeNull()
  })

  it('of which one process is watched doubles the slack, also of each tenth of the scores', () => {
    const guardrails = [errorRate(), scoreShift({ margin: 0.05 })]
    const thresholds = { errorRate: {}, scoreShift: { classes: { edges: [40], margin: 0.1 } } }
    const high = eachStratum(errorsIn)
    const strata = strataOf(200, errorsIn, formFor(guardrails, thresholds), {
      score: [eachStratum(() => 200), eachStratum(() => 100)],
      scoreClasses: [high.map((count) => 200 - count), high],
    })
    const known = { thresholds, newer: { windows: 40, strata }, older: { windows: 40, strata } }
    const history = { ...noHistory(), offsets: offsetsAtStart(known, { ...place, guardrails }) }
    const context = contextOf(guardrails, { calibration: { baselineHistory: history, unit: 'key' }, weight: 10 })
    const slacksIn = (one: object) => {
      const text = JSON.stringify(openStep(undefined, { ...context, ...one }, policy).guardrails)
      return [...text.matchAll(/"harmSlack":([^,]+)/g)].map(([, slack]) => Number(slack)).filter((slack) => slack > 0)
    }
    expect(slacksIn({}).length).toBeGreaterThan(2)
    expect(slacksIn({ isOneProcess: true })).toEqual(slacksIn({}).map((slack) => 2 * slack))
  })

  it('has that of the new weight from the opening of the next step on', () => {
    const contextAt = (weight: number) => contextOf([errorRate()], { calibration, weight })
    const next = openStep(openStep(undefined, contextAt(10), policy), contextAt(25), policy)
    const expected = differenceOf(offsets, errors!, { weight: 25, elapsedMs: 0, sides: 1 })
    expect(next.guardrails[0]!.hypotheses[0]!.users).toEqual(expected)
  })

  it('has the thresholds by which the strata were counted', () => {
    const thresholds = { capMs: 432 }
    const known = { ...offsets, thresholds: { latency: thresholds } }
    const baselineHistory = { ...noHistory(), offsets: known }
    const evidence = beginEvidence(contextOf([latency()], { calibration: { baselineHistory } }), policy)
    expect(evidence.guardrails[0]?.thresholds).toBe(thresholds)
  })
})
