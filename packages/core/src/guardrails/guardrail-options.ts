import { type Defaults, oneOf, safeName } from '../foundation/options.js'

/** What a breach does: roll back, stop the weight from rising, or nothing (it is only shown). */
export type Severity = 'rollback' | 'hold' | 'observe'

/** The members of every guardrail. */
export interface GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: string
  /** Unique among the guardrails of a rollout. */
  readonly name: string
  /** What a breach of it does. */
  readonly severity: Severity
}

/** Options of every guardrail. */
export interface GuardrailOptions {
  /** Unique among the guardrails of a rollout. @default the guardrail's kind, or the metric's name */
  readonly name?: string | undefined
  /** What a breach does. @default 'rollback' */
  readonly severity?: Severity | undefined
}

/** What an option is if it is not given. */
const GUARDRAIL_DEFAULTS = { severity: 'rollback' } as const satisfies Defaults<GuardrailOptions>

const SEVERITIES = ['rollback', 'hold', 'observe'] as const satisfies readonly Severity[]

/** Returns the name and the severity of a guardrail, checked and with defaults. */
export function identityOf(
  kind: string,
  { name, severity = GUARDRAIL_DEFAULTS.severity }: GuardrailOptions,
  fallbackName: string = kind,
): { readonly name: string; readonly severity: Severity } {
  return {
    name: safeName(`${kind}.name`, name === undefined ? fallbackName : name),
    severity: oneOf(`${kind}.severity`, severity, SEVERITIES),
  }
}
