import { expect, it } from 'vitest'
import type { ArmStory } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { unansweredRate } from '../../guardrails/kinds/unanswered-rate.js'
import { evidenceJudge } from '../evidence-judge.js'
import { decideOn } from './decide.js'
import { blockOf, contextOf, historyOf, policy } from './evidence.fixture.js'
import type { Evidence } from './evidence.js'
import { openStep, updateEvidence } from './update-evidence.js'

/** JSON as a version wrote it that counted no answers. */
const withoutAnswers = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value, (name, member) => (name === 'answers' ? undefined : member)))

const good: ArmStory = { requests: 500 }

const watched = (guardrails: readonly Guardrail[], canary: ArmStory = good) => {
  const context = contextOf(guardrails, { calibration: { baselineHistory: withoutAnswers(historyOf(guardrails)) } })
  const update = (evidence: unknown) => updateEvidence(evidence, blockOf(good, canary, 15_000), context, policy)
  return { context, update }
}

it('begins anew if an earlier release stored evidence of another form', () => {
  const { context, update } = watched([errorRate(), latency()])
  const { guardrails: _, ...rest } = withoutAnswers(update(openStep(undefined, context, policy)))
  const stored = {
    ...rest,
    form: rest.form.replace('evidence/5', 'evidence/2'),
    frozen: [],
    threads: [],
    dispersions: [],
  }
  const next: Evidence = update(stored)
  expect(next).toEqual(update(openStep(undefined, context, policy)))
  expect(next.elapsedMs).toBe(15_000)
  expect(evidenceJudge().decide(stored, context, 0)).toEqual(evidenceJudge().decide(undefined, context, 0))
})

it('judges unanswered requests if the history has no counts of them', () => {
  const { context, update } = watched([unansweredRate()], { requests: 250, unanswered: 250 })
  const first = update(openStep(undefined, context, policy))
  expect(decideOn(first, context, policy)).toMatchObject({ kind: 'fail', response: 'rollback' })
})
