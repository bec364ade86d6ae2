import type { Decision } from '@model-canary/core'
import { type PlanStep, planStepsOf } from '../model/plan-steps.js'
import type { ShownStatus } from '../model/records.js'
import { durationOf, timeOf } from '../model/words.js'

const PHASES = {
  past: 'done',
  present: 'now',
  failed: 'ended here',
  planned: 'planned',
  'left out': 'left out',
} as const

/** The steps of the plan: those that were, the present one, and those that are planned. */
export function Plan({
  status,
  decisions,
  now,
}: {
  readonly status: ShownStatus
  readonly decisions: readonly Decision[]
  readonly now: number
}) {
  const steps = planStepsOf(status, decisions, now)
  return (
    <section aria-labelledby="plan">
      <h2 id="plan">Plan</h2>
      <ol class="plan">
        {steps.map((step) => (
          <li
            key={step.step}
            class={step.phase.replace(' ', '-')}
            aria-current={step.phase === 'present' ? 'step' : undefined}
          >
            <strong>{step.weight === null ? 'Warm-up' : `${step.weight} %`}</strong>
            <span>{PHASES[step.phase]}</span>
            <small>{timesOf(step, now)}</small>
          </li>
        ))}
        <li class={status.state === 'promoted' ? 'past' : status.state === 'rolled-back' ? 'left-out' : 'planned'}>
          <strong>Promoted</strong>
          <span>{status.state === 'promoted' ? 'done' : status.state === 'rolled-back' ? 'left out' : 'planned'}</span>
          <small>{status.eta === null ? '' : `about ${timeOf(now + status.eta.promotionMs, now)}`}</small>
        </li>
      </ol>
    </section>
  )
}

function timesOf({ phase, beganAt, durationMs }: PlanStep, now: number): string {
  if (phase === 'planned') return durationMs === null ? '' : `at least ${durationOf(durationMs)}`
  const since = beganAt === null ? '' : `from ${timeOf(beganAt, now)}`
  const lasted = durationMs === null ? '' : durationOf(durationMs)
  return [since, lasted].filter(Boolean).join(', ')
}
