import { numberWithin, refuseUnknown } from '../foundation/options.js'
import type { PredictionShiftGuardrail } from './guardrail.js'
import { type GuardrailOptions, identityOf } from './guardrail-options.js'
import { fractionMargin } from './margin.js'

/** What `predictionShift` may be given. */
export interface PredictionShiftOptions extends GuardrailOptions {
  /** The greatest move of a class's share that is accepted, up or down, as a fraction. @default 0.10 */
  readonly margin?: number | undefined
  /** Classes below this share in both arms are judged together. @default 0.02 */
  readonly minShare?: number | undefined
}

/**
 * The share of each predicted class must not move, up or down.
 *
 * A new model should differ a little, so equality is not asked for. Throws `MARGIN_NOT_A_FRACTION`,
 * `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * predictionShift({ margin: 0.1 }) // "positive" may go from 60 % to 70 %, not to 80 %
 */
export function predictionShift(options: PredictionShiftOptions = {}): PredictionShiftGuardrail {
  refuseUnknown('predictionShift', options, ['name', 'severity', 'margin', 'minShare'])
  const { margin = 0.1, minShare = 0.02 } = options
  return Object.freeze({
    kind: 'predictionShift',
    ...identityOf('predictionShift', options),
    margin: fractionMargin('predictionShift.margin', margin),
    minShare: numberWithin('predictionShift.minShare', minShare, 0, 1),
  })
}
