import type { Check, CheckEvidence } from '@model-canary/core/judge'
import type { Family, Sample } from './family.js'
import { labelText } from './label-text.js'
import type { Labels } from './labels.js'
import { ofStatus, oneOfSet } from './rollout-families.js'

const OUTCOMES: Readonly<Record<Check['outcome'], true>> = { held: true, breached: true, undecided: true }

const DIRECTIONS = ['harm', 'safety'] as const

/** The families of guardrail outcomes and evidence at the last look. */
export const guardrailFamilies: readonly Family[] = [
  {
    name: 'model_canary_guardrail',
    type: 'gauge',
    help: 'Outcome of each guardrail at the last look: 1 for the present outcome, 0 for the others.',
    read: eachCheck((labels, { outcome }) => oneOfSet(labels, 'outcome', Object.keys(OUTCOMES), outcome)),
  },
  {
    name: 'model_canary_evidence',
    type: 'gauge',
    help: 'Evidence on each guardrail: of harm, and that the harm is below the margin.',
    read: eachEvidence('now'),
  },
  {
    name: 'model_canary_evidence_needed',
    type: 'gauge',
    help: 'Evidence at which a guardrail decides: of harm to roll back, of safety to advance.',
    read: eachEvidence('needed'),
  },
]

function eachCheck(read: (labels: Labels, check: Check) => readonly Sample[]): Family['read'] {
  return ofStatus((labels, { checks }) =>
    checks.flatMap((check) => read(labels.and('guardrail', labelText(check.guardrail)), check)),
  )
}

function eachEvidence(figure: keyof CheckEvidence['harm']): Family['read'] {
  return eachCheck((labels, { evidence }) =>
    evidence === undefined
      ? []
      : DIRECTIONS.map((direction) => ({
          labels: labels.and('direction', direction),
          value: evidence[direction][figure],
        })),
  )
}
