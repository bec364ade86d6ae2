import { refuseUnknown } from '../foundation/options.js'
import type { RateGuardrail } from './guardrail.js'
import { type GuardrailOptions, identityOf } from './guardrail-options.js'
import { optionalLimit } from './limit.js'
import { fractionMargin } from './margin.js'

/** What `errorRate`, `timeoutRate` and `abortRate` may be given. */
export interface RateOptions extends GuardrailOptions {
  /** The greatest rise over the baseline that is accepted, as a fraction. @default 0.02 */
  readonly margin?: number | undefined
  /** The highest rate that is accepted whatever the baseline does, as a fraction. @default null, none */
  readonly limit?: number | null | undefined
}

/** The guardrail of any rate, checked and frozen. */
export function rateGuardrail(kind: RateGuardrail['kind'], options: RateOptions): RateGuardrail {
  refuseUnknown(kind, options, ['name', 'severity', 'margin', 'limit'])
  const { margin = 0.02, limit } = options
  return Object.freeze({
    kind,
    ...identityOf(kind, options),
    margin: fractionMargin(`${kind}.margin`, margin),
    limit: optionalLimit(`${kind}.limit`, limit, 0, 1),
  })
}
