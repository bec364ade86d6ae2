import type { Canary } from '../canary.js'
import { CanaryError } from '../errors.js'
import type { RoutingRequest } from '../routing/strategy.js'
import type { Assignment, Variant } from '../vocabulary.js'
import type { Flight, FlightResult } from './flight.js'
import { checkModels, type Models, type ServingOptions } from './models.js'

/** Two models, and beside them how they are served. */
export interface Servable<Input extends unknown[], Baseline, CanaryOutput>
  extends Models<Input, Baseline, CanaryOutput>,
    ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>> {}

/**
 * A canary as one HTTP request sees it. Lazy: nothing is assigned or counted until a member is touched.
 */
export interface RequestCanary<Version extends string = string> {
  readonly assignment: Assignment<Version>
  readonly variant: Variant
  readonly version: Version
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal
  /** Runs this request's version. The first run is the request's flight; later ones keep its variant. */
  run<Input extends unknown[], Baseline, CanaryOutput>(
    servable: Servable<Input, Baseline, CanaryOutput>,
    ...input: Input
  ): Baseline | CanaryOutput
  /** Describes a request that is served without `run`; its outcome is the response's unless given. */
  record(result: FlightResult): void
}

/** As much of a Node `ServerResponse` as is looked at. */
export interface ResponseLike {
  readonly statusCode: number
  readonly writableFinished: boolean
  readonly headersSent: boolean
  readonly destroyed: boolean
  setHeader(name: string, value: string): unknown
  on(event: 'close', listener: () => void): unknown
}

/** How a request is tied to its response. */
export interface RequestCanaryOptions {
  /** Reads who is routed; called once, when it is needed. */
  readonly request: () => RoutingRequest
  /** The header that names the version that answered, or `false` for none. */
  readonly versionHeader: string | false
}

/** Ties a canary to one request; the outcome of a request that is not `run` is taken from the response. */
export function requestCanary<Version extends string>(
  canary: Canary<Version>,
  response: ResponseLike,
  { request, versionHeader }: RequestCanaryOptions,
): RequestCanary<Version> {
  const flights: Flight<Version>[] = []
  let isClaimed = false
  let described: FlightResult = {}

  const name = (version: string): void => {
    if (versionHeader !== false && !response.headersSent) response.setHeader(versionHeader, version)
  }

  const routing = (): RoutingRequest => {
    try {
      return request()
    } catch (cause) {
      canary.report(new CanaryError('KEY_FAILED', 'the request is routed as one without a key', { cause }))
      return {}
    }
  }

  const settle = (): void => {
    const isAnswered = response.writableFinished
    for (const flight of flights) if (!isAnswered) flight.abort()
    if (!isClaimed) flights[0]?.end({ outcome: response.statusCode >= 500 ? 'error' : 'success', ...described })
  }

  const first = (): Flight<Version> => {
    if (flights[0] !== undefined) return flights[0]
    const flight = canary.begin(routing())
    flights.push(flight)
    name(flight.version)
    if (response.destroyed) queueMicrotask(settle)
    else response.on('close', settle)
    return flight
  }

  const claim = (): Flight<Version> => {
    const own = first()
    if (!isClaimed) {
      isClaimed = true
      return own
    }
    const later = canary.begin({ like: own.assignment })
    flights.push(later)
    return later
  }

  return {
    get assignment() {
      return first().assignment
    },
    get variant() {
      return first().variant
    },
    get version() {
      return first().version
    },
    get signal() {
      return first().signal
    },
    run(servable, ...input) {
      checkModels('run', servable)
      const flight = claim()
      const output = canary.serve(flight, servable, servable, ...input)
      if (servable.fallback === true) afterwards(output, () => name(flight.answeredBy))
      return output
    },
    record(result) {
      first()
      described = { ...described, ...result }
    },
  }
}

/** Does something once an output is there, and before whoever waits for it goes on. */
function afterwards(output: unknown, then: () => void): void {
  if (output instanceof Promise) output.then(then, then)
  else then()
}
