import type { Recorder } from '../recorder/recorder-contract.js'

/** Returns the function that ends flights without output for `maxFlightMs`. It must be called at every sweep. */
export function createSilenceLimit(recorder: Pick<Recorder, 'visit'>, maxFlightMs: number): (at: number) => void {
  let sweptAt = Number.NEGATIVE_INFINITY
  return (at) => {
    const since = sweptAt - maxFlightMs // measured at the last sweep, so that the event loop has turned since
    recorder.visit(since, (flight) => flight.endIfSilentSince?.(since, maxFlightMs))
    sweptAt = at
  }
}
