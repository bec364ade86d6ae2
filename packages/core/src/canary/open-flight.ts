import { createShareWatch } from '../routing/share-watch.js'
import type { Strategy } from '../routing/strategy.js'
import type { Events } from '../runtime/events.js'
import type { Ask } from '../runtime/guarded.js'
import type { Flight, FlightRequest } from '../serving/flight.js'

/** Opens the flights of a canary, and sees what is amiss with them as a whole. */
export interface FlightOpener<Version extends string> {
  readonly begin: (request?: FlightRequest<Version>) => Flight<Version>
  /** Requests of the step in force that had no key. */
  readonly withoutKey: number
  /** `start()` was called: nobody has to be told that it is missing. */
  started(): void
}

/** What opening flights needs. */
export interface FlightOpenerOptions<Version extends string> {
  readonly open: (request?: FlightRequest<Version>) => Flight<Version>
  readonly events: Pick<Events, 'alert'>
  readonly ask: Ask
  /** What the split picks at random. */
  readonly unit: () => Strategy['unit']
}

/** Makes an opener for a canary that has not been started. */
export function createFlightOpener<Version extends string>({
  open,
  events,
  ask,
  unit,
}: FlightOpenerOptions<Version>): FlightOpener<Version> {
  const shareWatch = createShareWatch()
  let wasToldToStart = false // by start(), or by the alert that it is missing

  return {
    begin(request) {
      if (!wasToldToStart) {
        wasToldToStart = true
        events.alert('not-started', 'call start(): until then every request goes to the baseline')
      }
      const flight = open(request)
      if (unit() === 'key' && !ask(() => request?.like)) {
        const excess = shareWatch.see(flight.assignment, request)
        if (excess !== undefined) events.alert('share', excess)
      }
      return flight
    },
    get withoutKey() {
      return shareWatch.withoutKey
    },
    started() {
      wasToldToStart = true
    },
  }
}
