import type { FlightRequest } from './flight.js'

/** The members of a request that a flight needs until it ends. */
export type FlightHooks<Version extends string> = {
  readonly [Name in 'socket' | 'isAnswered' | 'isTrial' | 'onEnd' | 'onFallback']?:
    | FlightRequest<Version>[Name]
    | undefined
}

/** Returns these members only: a flight may last long, and must not keep routing input such as a body in memory. */
export function hooksOf<Version extends string>(
  request: FlightRequest<Version> | undefined,
): FlightHooks<Version> | undefined {
  if (request === undefined || request === null) return undefined
  try {
    const { socket, isAnswered, isTrial, onEnd, onFallback } = request
    const isBare = !socket && !isAnswered && !isTrial && !onEnd && !onFallback
    return isBare ? undefined : { socket, isAnswered, isTrial, onEnd, onFallback }
  } catch {
    return request // the code that reads these members handles errors
  }
}
