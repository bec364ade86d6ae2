import type { Flight, FlightParts, FlightRequest } from './flight.js'
import { LiveFlight } from './live-flight.js'

/** Returns the function that opens flights. */
export function createFlights<Version extends string>(parts: FlightParts<Version>) {
  const { router, recorder, observer } = parts
  return function begin(request?: FlightRequest<Version>): Flight<Version> {
    const like = request?.like
    const { active, epoch } = router.split
    const assignment = active && like?.epoch === epoch ? like : router.assign(request)
    const flight = new LiveFlight(parts, assignment, request)
    recorder.begin(flight)
    observer?.began(assignment, request ?? {})
    return flight
  }
}
