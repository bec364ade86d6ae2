import type { AssembledController, Controller } from './controller-contract.js'

/** What a canary shows of its controller: neither the handles of its owner, nor what is for a controller that stands alone. */
export function withoutHandles(controller: AssembledController): Omit<Controller, 'evaluate' | 'run'> {
  const {
    trip: _trip,
    isBaking: _isBaking,
    calibration: _calibration,
    evaluate: _evaluate,
    run: _run,
    warm: _warm,
    ...shown
  } = controller
  return shown
}
