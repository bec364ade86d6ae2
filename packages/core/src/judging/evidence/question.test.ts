import { expect, it } from 'vitest'
import { errorRate } from '../../guardrails/error-rate.js'
import { tailLatency } from '../../guardrails/tail-latency.js'
import { isComparison } from './question.js'
import { questionsOf } from './questions.js'

it('a margin compares the arms', () => {
  expect(questionsOf(errorRate(), { kind: 'none' }).map(isComparison)).toEqual([true])
})

it('an absolute limit looks at the canary alone, and proves nothing about the difference', () => {
  expect(questionsOf(errorRate({ limit: 0.1 }), { kind: 'none' }).map(isComparison)).toEqual([true, false])
})

it('hung flights of a warm-up warn of harm, and prove nothing about the tail', () => {
  const questions = questionsOf(tailLatency(), { kind: 'tail', bin: 700, hungBin: 900, margin: 0.01 })
  expect(questions.map(({ subject, ...rest }) => [subject.kind, isComparison({ subject, ...rest })])).toEqual([
    ['tail', true],
    ['hung', false],
  ])
})
