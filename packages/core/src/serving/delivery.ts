import type { Outcome } from '../foundation/vocabulary.js'
import type { Flight, FlightResult } from './flight.js'

/**
 * Sends the output of a successful call, as a part of the call, and ends the flight with `result`. Calls `failed` if the
 * output cannot be sent and the flight is open. Returns what the caller gets, or a promise of it.
 */
export type Deliver = (flight: Flight, output: unknown, result: FlightResult, failed: Undelivered) => unknown

/** Ends the flight of an output that could not be sent. Returns the baseline's answer, or throws the error. */
export type Undelivered = (error: unknown, outcome: Outcome, isBegun: boolean) => unknown
