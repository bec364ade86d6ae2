import type { Decision, Status } from '@model-canary/core'

/** One step of the plan, with when it was. Times are wall times in milliseconds since 1970. */
export interface PlanStep {
  /** 0 is the warm-up. */
  readonly step: number
  /** The canary's share, in percent; `null` for the warm-up, whose share is the library's choice. */
  readonly weight: number | null
  readonly phase: 'past' | 'present' | 'failed' | 'planned' | 'left out'
  /** When the step began; `null` if it has not, or if that is no longer kept. */
  readonly beganAt: number | null
  /** How long it lasted, or has lasted so far; the least that is planned if it has not begun. */
  readonly durationMs: number | null
}

/** Returns the steps of the present epoch: those that were, the present one, and those that are planned. */
export function planStepsOf(status: Status, decisions: readonly Decision[], now: number): readonly PlanStep[] {
  const { steps, step: present, state } = status
  const began = beginnings(decisions.filter(({ epoch }) => epoch === status.epoch))
  const isOver = state === 'promoted' || state === 'rolled-back'
  const endedAt = isOver ? (status.lastDecision?.at ?? now) : now
  const times = [...began.values()].sort((a, b) => a - b)

  return [null, ...steps].map((planned, step) => {
    const beganAt = began.get(step) ?? null
    const next = beganAt === null ? undefined : times.find((time) => time > beganAt)
    const phase = phaseOf(step, status, beganAt !== null)
    const weight = planned?.weight ?? null
    if (phase === 'left out') return { step, weight, phase, beganAt: null, durationMs: null }
    if (phase === 'planned') return { step, weight, phase, beganAt: null, durationMs: planned?.minDurationMs ?? null }
    const endsAt = step === present ? endedAt : (next ?? endedAt)
    const durationMs = step === present && !isOver ? status.elapsedInStepMs : beganAt === null ? null : endsAt - beganAt
    return { step, weight, phase, beganAt, durationMs }
  })
}

function phaseOf(step: number, { state, step: present }: Status, hasBegun: boolean): PlanStep['phase'] {
  if (state === 'idle') return 'planned'
  if (state === 'promoted') return hasBegun || step < present ? 'past' : 'left out'
  if (state === 'rolled-back' && step === present) return 'failed'
  if (state === 'rolled-back') return step < present ? 'past' : 'left out'
  if (step === present) return 'present'
  return step < present ? 'past' : 'planned'
}

/** Returns when each step was first reached, oldest first. */
function beginnings(decisions: readonly Decision[]): ReadonlyMap<number, number> {
  const began = new Map<number, number>()
  for (const { at, now } of decisions.toSorted((a, b) => a.sequence - b.sequence)) {
    if (now.state === 'rolled-back' || now.state === 'promoted') continue
    if (!began.has(now.step)) began.set(now.step, at)
  }
  return began
}
