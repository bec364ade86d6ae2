import { expect, it } from 'vitest'
import { isComparison } from './hypothesis.js'
import { hypothesesOf } from './kind-of.js'
import { errorRate } from './kinds/error-rate.js'
import { predictionShift } from './kinds/prediction-shift.js'
import { tailLatency } from './kinds/tail-latency.js'

it('a margin compares the arms', () => {
  expect(hypothesesOf(errorRate(), {}).map(isComparison)).toEqual([true])
})

it('an absolute limit looks at the canary alone, and proves nothing about the difference', () => {
  expect(hypothesesOf(errorRate({ limit: 0.1 }), {}).map(isComparison)).toEqual([true, false])
})

it('hung flights of a warm-up warn of harm, and prove nothing about the tail', () => {
  const hypotheses = hypothesesOf(tailLatency(), { bin: 700, hungBin: 900, margin: 0.01 })
  expect(hypotheses.map((hypothesis) => [hypothesis.id, isComparison(hypothesis)])).toEqual([
    ['tailLatency', true],
    ['tailLatency\u0001hung', false],
  ])
})

it('the classes that rose together warn of harm, and need no proof', () => {
  const hypotheses = hypothesesOf(predictionShift(), { labels: ['cat', 'dog', 'eel'], shares: [0.4, 0.3, 0.3] })
  expect(hypotheses.map(isComparison)).toEqual([true, true, true, true, false])
})
