import { describeMissingKeys, ENOUGH_WITHOUT_KEY } from '../rollout/missing-keys.js'
import { createKeyWatch, type KeyWatch } from '../routing/key-watch.js'
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
  const keyWatch = createKeyWatch(ENOUGH_WITHOUT_KEY)
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
        if (keyWatch.see(flight.assignment)) events.alert('key', noKeyAtAll(keyWatch))
      }
      return flight
    },
    get withoutKey() {
      return keyWatch.withoutKey
    },
    started() {
      wasToldToStart = true
    },
  }
}

/** Returns the message about a step without a single key. */
const noKeyAtAll = ({ withoutKey }: Pick<KeyWatch, 'withoutKey'>): string =>
  describeMissingKeys({ withoutKey, requests: { baseline: 0, canary: 0 } }) ?? ''
