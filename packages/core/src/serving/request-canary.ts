import type { Canary } from '../canary.js'
import { CanaryError } from '../errors.js'
import type { RoutingRequest } from '../routing/strategy.js'
import type { Assignment, Variant } from '../vocabulary.js'
import { createAsk } from './ask.js'
import type { Flight, FlightRequest, FlightResult } from './flight.js'
import { checkModels, checkServing, type Models, SERVING_OPTIONS, type ServingOptions } from './models.js'
import { type EndingResponse, isAnswered, isOver, whenOver } from './response-end.js'

/** Two models, and beside them how they are served. */
export interface Servable<Input extends unknown[], Baseline, CanaryOutput>
  extends Models<Input, Baseline, CanaryOutput>,
    ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>> {}

const SERVABLE = ['baseline', 'canary', ...SERVING_OPTIONS]

/**
 * A canary as one HTTP request sees it. Lazy: nothing is assigned or counted until a member is touched.
 */
export interface RequestCanary<Version extends string = string> {
  readonly assignment: Assignment<Version>
  readonly variant: Variant
  readonly version: Version
  /** Aborted when the client leaves, and only then: a baseline that answers after a timeout may use it. */
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
export interface ResponseLike extends EndingResponse {
  readonly statusCode: number
  readonly headersSent: boolean
  setHeader(name: string, value: string): unknown
}

/** How a request is tied to its response. */
export interface RequestCanaryOptions {
  /** Reads who is routed; called once, when it is needed. */
  readonly request: () => RoutingRequest
  /** The header that names the version that answered, or `false` for none. */
  readonly versionHeader: string | false
}

/** What the getters ask; on the request's canary itself, but not for its user. */
const FIRST = Symbol('first flight')
const LEFT = Symbol('signal of leaving')

interface Asked {
  [FIRST]: () => Flight
  [LEFT]: () => AbortSignal
}

const asked = (self: unknown): Asked => self as Asked

/** The getters that all requests share, as their prototype: with its own, each would pay more for them than for its flight. */
const LAZY = {
  get assignment(): Assignment {
    return asked(this)[FIRST]().assignment
  },
  get variant(): Variant {
    return asked(this)[FIRST]().variant
  },
  get version(): string {
    return asked(this)[FIRST]().version
  },
  get signal(): AbortSignal {
    return asked(this)[LEFT]()
  },
}

/** Ties a canary to one request; the outcome of a request that is not `run` is taken from the response. */
export function requestCanary<Version extends string>(
  canary: Canary<Version>,
  response: ResponseLike,
  { request, versionHeader }: RequestCanaryOptions,
): RequestCanary<Version> {
  const flights: Flight<Version>[] = []
  const ask = createAsk(canary.report, 'KEY_FAILED', 'the request is routed as one without')
  let left: AbortController | undefined
  let isWatched = false
  let isClaimed = false
  let described: FlightResult = {}

  /** The header names who answered last. */
  const name = (version: string): void => {
    if (versionHeader === false || response.headersSent) return
    try {
      response.setHeader(versionHeader, version)
    } catch (cause) {
      canary.report(new CanaryError('INVALID_VERSION', `"${version}" cannot be written into a header`, { cause }))
    }
  }

  const settle = (): void => {
    if (!isAnswered(response)) {
      left?.abort()
      for (const flight of flights) flight.abort()
    }
    if (isClaimed) return
    const outcome = described.outcome ?? (response.statusCode >= 500 ? 'error' : 'success')
    flights[0]?.end({ ...described, outcome })
  }

  const watch = (): void => {
    if (isOver(response) || !isWatched) whenOver(response, settle)
    isWatched = true
  }

  const open = (routing: FlightRequest<Version>): Flight<Version> => {
    const flight = canary.begin({ ...routing, onFallback: name })
    flights.push(flight)
    name(flight.version)
    watch()
    return flight
  }

  const first = (): Flight<Version> => {
    if (flights[0] !== undefined) return flights[0]
    const { key, attributes } = ask(request) ?? {}
    return open({ key: ask(() => key), attributes: ask(() => attributes) })
  }

  const claim = (): Flight<Version> => {
    const own = first()
    if (isClaimed) return open({ like: own.assignment })
    isClaimed = true
    return own
  }

  const own: RequestCanary<Version> & Asked = Object.create(LAZY)
  own[FIRST] = first
  own[LEFT] = () => {
    first()
    left ??= new AbortController()
    if (isOver(response) && !isAnswered(response)) left.abort()
    return left.signal
  }
  own.run = (servable, ...input) => {
    checkModels('run', servable)
    checkServing('run', servable, SERVABLE)
    return canary.serve(claim(), servable, servable, ...input)
  }
  own.record = (result) => {
    first()
    described = { ...described, ...result }
  }
  return own
}
