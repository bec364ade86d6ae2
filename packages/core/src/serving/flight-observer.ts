import { CanaryError } from '../foundation/errors.js'
import { optionalFunction, show } from '../foundation/options.js'
import type { Assignment, Observation } from '../foundation/vocabulary.js'
import { keyTextOf } from '../routing/key.js'
import type { RoutingInput, RoutingRequest } from '../routing/strategy.js'
import type { Ask } from '../runtime/guarded.js'

/** Is told of every flight. What it throws is counted as `OBSERVER_FAILED`; the request goes on. */
export interface FlightObserver {
  /** A request was assigned and its flight opened; called where the request is handled, before its model is. */
  began?(assignment: Assignment, request: RoutingRequest): void
  /** A flight ended, whatever its outcome. `metrics.timeToFirstChunkMs` is there for a streamed answer. */
  ended?(assignment: Assignment, observation: Observation): void
}

/** Several observers as one, told of a request as it was given. */
export interface FlightObservers extends Required<FlightObserver> {
  began(assignment: Assignment, request: RoutingInput): void
}

/** The observers of one canary as one; `undefined` where there is nobody to tell. */
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

/** The request as a strategy sees it: its key is text, or not there. */
function readable(request: RoutingInput): RoutingRequest {
  const key = keyTextOf(request.key)
  return key === request.key ? (request as RoutingRequest) : { ...request, key }
}

/** A checked copy of the list. */
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
