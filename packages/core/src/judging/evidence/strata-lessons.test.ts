import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { type BaselineHistory, learnWindow } from './baseline-history.js'
import { historyOf, ordinary, policy } from './evidence.fixture.js'
import { strataOf } from './strata.fixture.js'
import { strataLessons } from './strata-lessons.js'

const guardrails = [errorRate(), latency()]
const lessons = strataLessons(policy)

/** In every tenth stratum a fifth of the calls fail. */
const differing = (calls: number) => strataOf(calls, (stratum) => (stratum % 10 === 0 ? calls / 5 : calls / 100))

const json = (value: unknown) => JSON.parse(JSON.stringify(value))

/** The history after some windows, with a generation whenever one is due. */
function after(windows: number): BaselineHistory {
  let history: unknown = historyOf(guardrails, 0)
  for (let window = 0; window < windows; window += 1) {
    history = learnWindow(history as BaselineHistory, arm(ordinary), guardrails)
    const form = lessons.formDue(history, guardrails)
    if (form) history = lessons.add(history, differing(100), guardrails)
  }
  return history as BaselineHistory
}

describe('what is learned of the users', () => {
  it('begins when thresholds are known, after eleven windows', () => {
    expect(after(10).users).toBeNull()
    expect(after(11).users).toMatchObject({ open: 0, newer: null, older: null })
    expect(Object.keys(after(11).users!.thresholds)).toEqual(['errorRate', 'latency'])
  })

  it('is two generations from the 31st window on', () => {
    expect(after(30).users).toMatchObject({ open: 9, newer: { windows: 10 }, older: null })
    expect(after(31).users).toMatchObject({ open: 0, newer: { windows: 10 }, older: { windows: 10 } })
  })

  it('is frozen as offsets at the start of a rollout, which has no tables of strata', () => {
    const frozen = lessons.freeze(after(40), differing(90), { guardrails, weights: [10, 50] }) as BaselineHistory
    expect(frozen.users).toBeNull()
    expect(Object.keys(frozen.offsets!.byHypothesis)).toEqual(['errorRate', 'latency'])
    expect(JSON.stringify(frozen.offsets).length).toBeLessThan(1_000)
    expect(JSON.parse(JSON.stringify(frozen))).toEqual(frozen)
  })

  it('is nothing without two generations, and a value that is no history stays as it is', () => {
    expect(
      (lessons.freeze(after(15), differing(9), { guardrails, weights: [10] }) as BaselineHistory).offsets,
    ).toBeNull()
    expect(lessons.freeze(null, null, { guardrails, weights: [10] })).toBeNull()
    expect(lessons.formDue(null, guardrails)).toBeUndefined()
    expect(lessons.add('other', null, guardrails)).toBe('other')
  })
})

describe('what another process kept', () => {
  const weights = [10, 50]
  /** Kept after an hour, in which a fifth of the calls fail in every tenth stratum. */
  const kept = { learned: json(lessons.keep!(after(240), differing(90), undefined)), ageMs: 60_000 }
  const frozen = (history: BaselineHistory, learned: unknown = kept.learned) =>
    (lessons.freeze(history, null, { guardrails, weights, kept: { ...kept, learned } }) as BaselineHistory).offsets

  it('gives a process that has just begun its offsets, with their age', () => {
    const { users: _, ...rates } = after(40)
    const offsets = frozen({ ...rates, users: null })
    expect(offsets).toMatchObject({ ageMs: 60_000, thresholds: kept.learned.thresholds })
    const own = (lessons.freeze(after(240), differing(90), { guardrails, weights }) as BaselineHistory).offsets
    expect(offsets?.byHypothesis).toEqual(own?.byHypothesis)
    expect(own).not.toHaveProperty('ageMs')
  })

  it('is not used before thresholds are known', () => {
    expect(frozen(after(10))).toBeUndefined()
    expect(frozen({ ...after(11), users: null })).toBeDefined()
  })

  it('is not used of a figure whose threshold has moved, and used of the others', () => {
    const { capMs } = kept.learned.thresholds.latency
    const near = { ...kept.learned, thresholds: { ...kept.learned.thresholds, latency: { capMs: 1.04 * capMs } } }
    expect(frozen(after(15), near)?.thresholds).toEqual(near.thresholds)
    const far = { ...kept.learned, thresholds: { ...kept.learned.thresholds, latency: { capMs: 2 * capMs } } }
    expect(frozen(after(15), far)?.thresholds).toEqual(kept.learned.thresholds)
    const other = json(kept.learned)
    for (const { strata } of [other.newer, other.older]) strata.form.capMs = 2 * capMs
    const offsets = frozen(after(15), { ...other, thresholds: far.thresholds })!
    expect(offsets.thresholds).toEqual(kept.learned.thresholds)
    expect(offsets.byHypothesis.latency?.[10]).toBe('no past')
    expect(offsets.byHypothesis.errorRate?.[10]).toMatchObject({ offset: expect.any(Number) })
  })

  it('is nothing if it cannot be read', () => {
    expect(frozen({ ...after(40), users: null }, 'users')).toBeUndefined()
    expect(frozen(after(15), 'users')).toBeNull()
    expect(lessons.keep!('other', null, undefined)).toBeNull()
  })
})
