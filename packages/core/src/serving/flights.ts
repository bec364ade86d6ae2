import type { Assignment } from '../foundation/vocabulary.js'
import type { Flight, FlightParts, FlightRequest } from './flight.js'
import { LiveFlight } from './live-flight.js'

/** Returns the function that opens flights. */
export function createFlights<Version extends string>(parts: FlightParts<Version>) {
  const { router, recorder, observer } = parts
  const { assign } = router

  /** Returns whether an earlier assignment is of the rollout that splits now. */
  const isOfNow = ({ epoch }: Assignment<Version>): boolean => router.split.active && router.split.epoch === epoch

  return function begin(request?: FlightRequest<Version>): Flight<Version> {
    const like = request?.like
    const assignment = like && isOfNow(like) ? like : assign(request)
    const flight = new LiveFlight(parts, assignment, request)
    recorder.begin(flight)
    observer?.began(assignment, request ?? {})
    return flight
  }
}
