import { refuseUnknown } from '../foundation/options.js'
import type { LatencyGuardrail } from './guardrail.js'
import { type GuardrailOptions, identityOf } from './guardrail-options.js'
import { optionalLimit } from './limit.js'
import { positiveMargin } from './margin.js'

/** What `latency` may be given. */
export interface LatencyOptions extends GuardrailOptions {
  /** The greatest rise of the mean over the baseline's that is accepted. @default 50 */
  readonly marginMs?: number | undefined
  /** The highest mean that is accepted whatever the baseline does. @default null, none */
  readonly limitMs?: number | null | undefined
}

/**
 * The mean latency must not rise. Not judged during the warm-up, when a cold canary is slow by nature.
 *
 * Throws `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * latency({ marginMs: 50, limitMs: 400 })
 */
export function latency(options: LatencyOptions = {}): LatencyGuardrail {
  refuseUnknown('latency', options, ['name', 'severity', 'marginMs', 'limitMs'])
  const { marginMs = 50, limitMs } = options
  return Object.freeze({
    kind: 'latency',
    ...identityOf('latency', options),
    marginMs: positiveMargin('latency.marginMs', marginMs),
    limitMs: optionalLimit('latency.limitMs', limitMs, 0),
  })
}
