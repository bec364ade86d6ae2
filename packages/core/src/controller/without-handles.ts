import type { AssembledController, Controller } from './controller-contract.js'

/**
 * Returns the members of a controller that a canary exposes. Left out are those for the code that assembled it, and
 * those that only make sense for a controller without a canary.
 */
export function withoutHandles(controller: AssembledController): Omit<Controller, 'evaluate' | 'run'> {
  const {
    trip: _trip,
    isBaking: _isBaking,
    calibration: _calibration,
    evaluate: _evaluate,
    run: _run,
    warm: _warm,
    fleetCounts: _fleetCounts,
    ...shown
  } = controller
  return shown
}
