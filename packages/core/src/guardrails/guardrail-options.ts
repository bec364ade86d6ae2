import { type Defaults, oneOf, safeName } from '../foundation/options.js'

/** What a breach does: roll the canary back, hold it where it is, or nothing but be seen. */
export type Severity = 'rollback' | 'hold' | 'observe'

/** What every guardrail has. */
export interface GuardrailBase {
  /** Which guardrail it is. */
  readonly kind: string
  /** Unique among the guardrails of a rollout. */
  readonly name: string
  /** What a breach of it does. */
  readonly severity: Severity
}

/** What every guardrail may be given. */
export interface GuardrailOptions {
  /** Unique among the guardrails of a rollout. @default the guardrail's kind, or the metric's name */
  readonly name?: string | undefined
  /** What a breach does. @default 'rollback' */
  readonly severity?: Severity | undefined
}

/** What an option is if it is not given. */
const GUARDRAIL_DEFAULTS = { severity: 'rollback' } as const satisfies Defaults<GuardrailOptions>

const SEVERITIES = ['rollback', 'hold', 'observe'] as const satisfies readonly Severity[]

/** The name and the severity of a guardrail, present and valid. */
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
