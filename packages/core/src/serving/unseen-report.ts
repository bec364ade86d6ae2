import { CanaryError } from '../foundation/errors.js'
import type { Described } from './describe-call.js'
import type { Flight } from './flight.js'
import { holderOf } from './ready-models.js'

/** A call whose output cannot be observed: the options that it was made with, and its flight. */
export interface UnseenCall extends Pick<Described, 'options'> {
  readonly flight: Pick<Flight, 'variant' | 'version'>
}

/**
 * Returns the function that reports outputs that cannot be observed, and why. It reports once per pair of models and
 * variant: all their calls share the same problem.
 */
export function createUnseenReport(report: (error: CanaryError) => void): (call: UnseenCall, why: string) => void {
  const told = new WeakMap<object, Set<string>>()
  return ({ options, flight }, why) => {
    const models = holderOf(options)
    const variants = told.get(models) ?? new Set()
    told.set(models, variants)
    if (variants.has(flight.variant)) return
    variants.add(flight.variant)
    const advice = 'pass completionOf: (output) => a promise that settles when the output is complete'
    report(
      new CanaryError(
        'OUTPUT_NOT_OBSERVED',
        `${flight.version}: ${why}; such calls do not count as evidence; ${advice}`,
      ),
    )
  }
}
