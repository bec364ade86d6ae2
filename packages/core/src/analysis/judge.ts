import type { Summary } from '../metrics/summary.js'
import type { ByVariant } from '../vocabulary.js'
import type { Guardrail, Severity } from './guardrail.js'

/** The difference of two cumulative summaries of the same (epoch, step): what a judge eats. */
export interface Block extends ByVariant<Summary> {
  /** Time that the block spans, in milliseconds. */
  readonly elapsedMs: number
}

/** What is frozen when a step opens, and is the same on every replica. Plain JSON. */
export interface Calibration {
  /** The baseline as it was before the rollout, or `null` where nobody watched it. */
  readonly baseline: Summary | null
}

/** Which part of a rollout a judge looks at. Latency is not judged during the warm-up. */
export type Phase = 'warm-up' | 'step' | 'bake'

/** Where the rollout stands while a judge decides. */
export interface StepContext {
  readonly guardrails: readonly Guardrail[]
  readonly epoch: number
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  readonly stepsLeft: number
  /** The canary's share, in percent. */
  readonly weight: number
  readonly phase: Phase
  readonly calibration: Calibration
}

/** What one guardrail says. */
export interface Check {
  readonly guardrail: string
  readonly severity: Severity
  readonly outcome: 'held' | 'breached' | 'undecided'
  /** Which rule spoke: the margin, the absolute limit, too few samples, or a phase in which it is not judged. */
  readonly rule: 'margin' | 'limit' | 'samples' | 'significance' | 'phase'
  /** The measured values and their difference in the guardrail's own unit; `null` where there is no data. */
  readonly baseline: number | null
  readonly canary: number | null
  readonly difference: number | null
  /** The greatest difference that is accepted, in the guardrail's own unit. */
  readonly margin: number
  readonly limit: number | null
  /** How many observations of each arm this check rests on. */
  readonly samples: ByVariant<number>
  /** One sentence for a person, with the figures in it. */
  readonly reason: string
}

/** What a judge makes of the evidence so far. No data is never a pass. */
export interface Verdict {
  readonly kind: 'pass' | 'fail' | 'inconclusive' | 'error'
  /** What a `fail` asks for. */
  readonly response?: 'rollback' | 'demote' | 'hold'
  readonly epoch: number
  readonly step: number
  readonly checks: readonly Check[]
  /** What went wrong, where `kind` is `error`. */
  readonly message?: string
}

/** A pure judge: plain JSON evidence in, plain JSON evidence and verdicts out. */
export interface Judge<Evidence = unknown> {
  readonly name: string
  /** Called at each step: carries over what may be carried. */
  open(previous: Evidence | undefined, context: StepContext): Evidence
  observe(evidence: Evidence, block: Block, context: StepContext): Evidence
  /** @param elapsedMs time in the step */
  decide(evidence: Evidence, context: StepContext, elapsedMs: number): Verdict
}
