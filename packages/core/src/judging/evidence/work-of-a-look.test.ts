import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ArmStory } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { decideOn } from './decide.js'
import { alike, blockOf, contextOf, evidenceOf, historyOf, ordinary, policy } from './evidence.fixture.js'
import { beginEvidence } from './evidence.js'
import { updateEvidence } from './update-evidence.js'

afterEach(() => void vi.restoreAllMocks())

/** Returns how often a function of `Math` is called meanwhile. */
function callsOf(name: 'exp' | 'max', run: () => unknown): number {
  const spy = vi.spyOn(Math, name)
  run()
  const { length } = spy.mock.calls
  spy.mockRestore()
  return length
}

/** So many guardrails that roll back. */
const metrics = (count: number): readonly Guardrail[] =>
  Array.from({ length: count }, (_, at) =>
    metric(`metric-${at}`, { direction: 'must-not-fall', margin: 0.5, severity: 'rollback' }),
  )

/** The same requests, of so many classes. */
const ofClasses = (story: ArmStory, count: number): ArmStory => ({
  ...story,
  predictions: Object.fromEntries(Array.from({ length: count }, (_, at) => [`class-${at}`, story.requests! / count])),
})

describe('the work of a look', () => {
  it('grows with the number of guardrails, not with its square', () => {
    const exponentials = (count: number) => {
      const context = contextOf(metrics(count))
      const values = Object.fromEntries(metrics(count).map(({ name }) => [name, ordinary.metrics!.conversion!]))
      const block = blockOf({ ...ordinary, metrics: values }, { ...alike, metrics: values })
      const evidence = updateEvidence(evidenceOf(context), block, context, policy)
      return callsOf('exp', () => decideOn(evidence, context, policy))
    }
    expect(exponentials(12)).toBeLessThan(4.5 * exponentials(3))
  })

  it('grows with the number of classes, not with its square', () => {
    const comparisons = (count: number) => {
      const guardrails = [predictionShift()]
      const baselineHistory = historyOf(guardrails, 60, () => ofClasses(ordinary, count))
      const context = contextOf(guardrails, { calibration: { baselineHistory } })
      const begun = beginEvidence(context, policy)
      const block = blockOf(ofClasses(ordinary, count), ofClasses(alike, count))
      return callsOf('max', () => updateEvidence(begun, block, context, policy))
    }
    expect(comparisons(20)).toBeLessThan(4.5 * comparisons(5))
  })
})
