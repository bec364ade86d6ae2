import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'

/** Returns a margin in a unit of its own: a finite number above 0. Throws `INVALID_MARGIN`. */
export function positiveMargin(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  throw new CanaryError('INVALID_MARGIN', `${name} must be a finite number above 0, got ${show(value)}`)
}

/** Returns a margin of a rate: above 0 and at most 1. Throws `MARGIN_NOT_A_FRACTION` or `INVALID_MARGIN`. */
export function fractionMargin(name: string, value: unknown): number {
  const margin = positiveMargin(name, value)
  if (margin <= 1) return margin
  throw new CanaryError('MARGIN_NOT_A_FRACTION', `${name} is ${margin}; pass 0.02 for two percentage points`)
}
