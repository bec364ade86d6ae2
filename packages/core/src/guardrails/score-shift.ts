import { refuseUnknown } from '../foundation/options.js'
import type { ScoreShiftGuardrail } from './guardrail.js'
import { type GuardrailOptions, identityOf } from './guardrail-options.js'
import { positiveMargin } from './margin.js'

/** What `scoreShift` takes. A score has its own unit, so its margin has no default. */
export interface ScoreShiftOptions extends GuardrailOptions {
  /** The greatest move of the mean score that is accepted, up or down. */
  readonly margin: number
}

/**
 * The mean of a numeric output, such as a confidence or a price, must not move, up or down.
 *
 * Throws `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * scoreShift({ margin: 0.05 })
 */
export function scoreShift(options: ScoreShiftOptions): ScoreShiftGuardrail {
  refuseUnknown('scoreShift', options, ['name', 'severity', 'margin'])
  return Object.freeze({
    kind: 'scoreShift',
    ...identityOf('scoreShift', options),
    margin: positiveMargin('scoreShift.margin', options.margin),
  })
}
