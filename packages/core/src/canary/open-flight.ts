import { createShareWatch } from '../routing/share-watch.js'
import type { Strategy } from '../routing/strategy.js'
import type { Events } from '../runtime/events.js'
import type { Ask } from '../runtime/guarded.js'
import type { Flight, FlightRequest } from '../serving/flight.js'

/** Opens the flights of a canary, and notices what is wrong with all of them, such as missing keys. */
export interface FlightOpener<Version extends string> {
  readonly begin: (request?: FlightRequest<Version>) => Flight<Version>
  /** The number of requests of the present step without a usable key. */
  readonly withoutKey: number
  /** Notes that `start()` was called, so that no alert says that it is missing. */
  started(): void
}

/** The options of {@link createFlightOpener}. */
export interface FlightOpenerOptions<Version extends string> {
  readonly open: (request?: FlightRequest<Version>) => Flight<Version>
  readonly events: Pick<Events, 'alert'>
  readonly ask: Ask
  /** Returns what the split picks at random: requests, or keys. */
  readonly unit: () => Strategy['unit']
}

/** Creates an opener for a canary that has not been started. */
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
