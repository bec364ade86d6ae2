import { CanaryError } from '../foundation/errors.js'
import { optionalFunction, show } from '../foundation/options.js'
import type { Assignment, Observation } from '../foundation/vocabulary.js'
import { keyTextOf } from '../routing/key.js'
import type { RoutingInput, RoutingRequest } from '../routing/strategy.js'
import type { Ask } from '../runtime/guarded.js'

/** Callbacks for every flight. An error of theirs is counted as `OBSERVER_FAILED`; the request goes on. */
export interface FlightObserver {
  /** Called in the context of the request, when it has been assigned and before its model is called. */
  began?(assignment: Assignment, request: RoutingRequest): void
  /** Called when a flight ends, with any outcome. A streamed answer has `metrics.timeToFirstChunkMs`. */
  ended?(assignment: Assignment, observation: Observation): void
}

/** Several observers combined; `began` takes the request as the caller gave it. */
export interface FlightObservers extends Required<FlightObserver> {
  began(assignment: Assignment, request: RoutingInput): void
}

/** Combines the observers of one canary; `undefined` if there are no observers. */
export function tellAll(observers: readonly FlightObserver[], ask: Ask): FlightObservers | undefined {
  if (observers.length === 0) return undefined
  return {
    began(assignment, request) {
      for (const observer of observers) ask(() => observer.began?.(assignment, readable(request)))
    },
    ended(assignment, observation) {
      for (const observer of observers) ask(() => observer.ended?.(assignment, observation))
    },
  }
}

/** Returns the request as a strategy sees it: its key is text or missing. */
function readable(request: RoutingInput): RoutingRequest {
  const key = keyTextOf(request.key)
  return key === request.key ? (request as RoutingRequest) : { ...request, key }
}

/** Checks the observers and returns a copy of the list. */
export function resolveObservers(observers: readonly FlightObserver[]): readonly FlightObserver[] {
  if (!Array.isArray(observers)) throw new CanaryError('INVALID_OPTION', 'observers must be an array')
  return observers.map((observer: FlightObserver | null | undefined, index) => {
    const isObserver = typeof observer === 'object' && observer !== null && ('began' in observer || 'ended' in observer)
    if (!isObserver) {
      throw new CanaryError('INVALID_OPTION', `observers[${index}] must have began or ended, got ${show(observer)}`)
    }
    optionalFunction(`observers[${index}].began`, observer.began)
    optionalFunction(`observers[${index}].ended`, observer.ended)
    return observer
  })
}
