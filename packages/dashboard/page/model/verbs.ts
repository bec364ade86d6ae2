import type { ShownStatus } from './records.js'

/** Everything that an operator can do. */
export const VERBS = ['promote', 'pause', 'resume', 'rollback', 'retry', 'disable', 'enable'] as const

/** What an operator can do. */
export type Verb = (typeof VERBS)[number]

/** A verb as it is offered in the present state: what it would do, so that a person confirms that and no other. */
export interface OfferedVerb {
  readonly verb: Verb
  /** The words on the button. */
  readonly label: string
  /** The question that is to be confirmed; it names the step. */
  readonly question: string
  /** What follows. */
  readonly consequence: string
  /** Whether the canary gets less: it needs no reason, and no look at the step. */
  readonly isSafe: boolean
}

/** Returns the verbs that make sense in the present state; those that give the canary less are last. */
export function offeredVerbs(status: ShownStatus): readonly OfferedVerb[] {
  const { state, enabled } = status
  const isEnded = state === 'promoted' || state === 'rolled-back'
  const isRunning = !isEnded && state !== 'idle'
  const isWanted: Readonly<Record<Verb, boolean>> = {
    promote: isRunning && enabled,
    pause: isRunning && state !== 'paused',
    resume: state === 'paused',
    rollback: isRunning || state === 'promoted',
    retry: isEnded,
    disable: enabled && state !== 'idle',
    enable: !enabled,
  }
  return VERBS.filter((verb) => isWanted[verb]).map((verb) => ({
    verb,
    isSafe: !RAISING.has(verb),
    ...WORDS[verb](status),
  }))
}

type Words = Omit<OfferedVerb, 'verb' | 'isSafe'>

/** The verbs that give the canary more: they need a reason, and the step that was seen. */
const RAISING: ReadonlySet<Verb> = new Set(['promote', 'resume', 'retry', 'enable'])

const WORDS: Readonly<Record<Verb, (status: ShownStatus) => Words>> = {
  promote(status) {
    const next = status.steps[status.step]
    const where = next === undefined ? 'the end' : `step ${status.step + 1} (${next.weight} %)`
    return {
      label: next === undefined ? 'Promote' : `Promote to ${next.weight} %`,
      question: `Promote ${status.versions.canary} from ${here(status)} to ${where}?`,
      consequence: 'The evidence is not waited for. The guardrails still roll back.',
    }
  },
  pause: (status) => ({
    label: 'Pause',
    question: `Pause ${status.versions.canary} at ${here(status)}?`,
    consequence: `It stays at ${status.weight} %. The guardrails still roll back.`,
  }),
  resume: (status) => ({
    label: 'Resume',
    question: `Resume ${status.versions.canary} at ${here(status)}?`,
    consequence: 'The rollout goes on from where it was paused.',
  }),
  rollback: (status) => ({
    label: 'Roll back',
    question: `Roll ${status.versions.canary} back from ${here(status)}?`,
    consequence: `Every request goes to ${status.versions.baseline} at once.`,
  }),
  retry: (status) => ({
    label: 'Begin again',
    question: `Begin the rollout of ${status.versions.canary} again?`,
    consequence: `A new epoch, number ${status.epoch + 1}, begins with the warm-up.`,
  }),
  disable: (status) => ({
    label: 'Switch off',
    question: `Switch ${status.versions.canary} off at ${here(status)}?`,
    consequence: `Every request goes to ${status.versions.baseline} until it is switched on again; the rollout stands still.`,
  }),
  enable: (status) => ({
    label: 'Switch on',
    question: `Switch ${status.versions.canary} on again at ${here(status)}?`,
    consequence: `It gets ${status.weight} % of the requests again.`,
  }),
}

/** Returns the step in words. */
export function here({ step, steps, weight, state }: ShownStatus): string {
  if (state === 'promoted') return 'the promotion'
  if (state === 'rolled-back') return 'its end'
  return step === 0 ? 'the warm-up' : `step ${step} of ${steps.length} (${weight} %)`
}

/** Returns the body of a verb's request. */
export function bodyOf(verb: Verb, { step, epoch }: ShownStatus, asked: Asked): Readonly<Record<string, unknown>> {
  const reason = asked.reason.trim()
  return {
    ...(reason !== '' && { reason }),
    ...(RAISING.has(verb) && { expectedStep: { step, epoch } }),
    ...(verb === 'promote' && asked.isFull && { full: true }),
    ...(verb === 'pause' && asked.untilMs !== null && { untilMs: asked.untilMs }),
  }
}

/** What a person has typed and chosen. */
export interface Asked {
  readonly reason: string
  /** Directly to 100 %. */
  readonly isFull: boolean
  /** When a pause ends by itself; `null` if it does not. */
  readonly untilMs: number | null
}
