import { CanaryError } from '../foundation/errors.js'
import { numberWithin, refuseUnknown, show } from '../foundation/options.js'
import type { TailLatencyGuardrail } from './guardrail.js'
import { type GuardrailOptions, identityOf } from './guardrail-options.js'
import { optionalLimit } from './limit.js'

/** What `tailLatency` may be given. */
export interface TailLatencyOptions extends GuardrailOptions {
  /** Which quantile is watched, between 0 and 1. @default 0.99 */
  readonly quantile?: number | undefined
  /** How many times the baseline's quantile is accepted, from 1 up. @default 1.5 */
  readonly ratio?: number | undefined
  /** A rise below this is no regression anyone feels, whatever the ratio. @default 10 */
  readonly minIncreaseMs?: number | undefined
  /** The highest quantile that is accepted whatever the baseline does. @default null, none */
  readonly limitMs?: number | null | undefined
}

/**
 * A high quantile of the latency must not rise by both `ratio` and `minIncreaseMs`.
 *
 * Flights still under way count with their age so far, so a canary that hangs is seen while it
 * hangs. Throws `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * tailLatency({ quantile: 0.99, ratio: 1.5, minIncreaseMs: 10 })
 */
export function tailLatency(options: TailLatencyOptions = {}): TailLatencyGuardrail {
  refuseUnknown('tailLatency', options, ['name', 'severity', 'quantile', 'ratio', 'minIncreaseMs', 'limitMs'])
  const { quantile = 0.99, ratio = 1.5, minIncreaseMs = 10, limitMs } = options
  return Object.freeze({
    kind: 'tailLatency',
    ...identityOf('tailLatency', options),
    quantile: openFraction('tailLatency.quantile', quantile),
    ratio: numberWithin('tailLatency.ratio', ratio, 1, Number.MAX_VALUE, 'INVALID_MARGIN'),
    minIncreaseMs: numberWithin('tailLatency.minIncreaseMs', minIncreaseMs, 0, Number.MAX_VALUE, 'INVALID_MARGIN'),
    limitMs: optionalLimit('tailLatency.limitMs', limitMs, 0),
  })
}

function openFraction(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < 1) return value
  throw new CanaryError('INVALID_OPTION', `${name} must lie between 0 and 1, such as 0.99, got ${show(value)}`)
}
