import type { Canary } from '../canary/canary.js'
import { CanaryError } from '../foundation/errors.js'
import type { Assignment, Outcome, Variant } from '../foundation/vocabulary.js'
import type { RoutingInput } from '../routing/strategy.js'
import { createAsk } from '../runtime/guarded.js'
import type { Flight, FlightRequest, FlightResult } from '../serving/flight.js'
import { isReady } from '../serving/ready-models.js'
import { outcomeOfStatus } from '../serving/status-outcome.js'
import { checkServable, type RequestCanary, type RequestCanaryOptions } from './request-canary.js'
import type { RequestTie } from './request-tie.js'

/** Ties a canary to one request. Without `run`, the outcome of the request is taken from its response. */
export function requestCanary<Version extends string>(
  canary: Canary<Version>,
  tie: RequestTie,
  options: RequestCanaryOptions,
): RequestCanary<Version> {
  return new LiveRequest(canary, tie, options)
}

/** A class for the same reason as `LiveFlight`: one is made for every request, also for those that never use it. */
class LiveRequest<Version extends string> implements RequestCanary<Version> {
  readonly #canary: Canary<Version>
  readonly #tie: RequestTie
  readonly #options: RequestCanaryOptions
  #own: Flight<Version> | undefined
  #input: RoutingInput | undefined
  #routing: FlightRequest<Version> | undefined
  #later: Set<Flight<Version>> | undefined
  #left: AbortController | undefined
  #assignment: Assignment<Version> | undefined
  #described: FlightResult | undefined
  #isClaimed = false

  constructor(canary: Canary<Version>, tie: RequestTie, options: RequestCanaryOptions) {
    this.#canary = canary
    this.#tie = tie
    this.#options = options
  }

  /**
   * How the latest call of the request is routed. After the whole answer was sent, reading it counts nothing, as an access
   * log does; a run that follows is routed in the same way.
   */
  get assignment(): Assignment<Version> {
    if (this.#own === undefined && this.#tie.isAnswered) {
      this.#assignment ??= this.#canary.assign(this.#read())
      return this.#assignment
    }
    const { assignment } = this.#first()
    return this.#assignment ?? assignment
  }

  get variant(): Variant {
    return this.assignment.variant
  }

  get version(): Version {
    return this.assignment.version
  }

  get signal(): AbortSignal {
    this.#first()
    this.#left ??= new AbortController()
    if (this.#tie.isOver && this.#tie.ending !== 'answered') this.#left.abort()
    return this.#left.signal
  }

  /** A getter, so that `const { run } = req.canary` works. */
  get run(): RequestCanary<Version>['run'] {
    return (servable, ...input) => {
      if (!isReady(servable)) checkServable('run', servable)
      return this.#canary.serve(this.#claim(), servable, servable, ...input)
    }
  }

  get record(): RequestCanary<Version>['record'] {
    return (result) => {
      const { isOpen } = this.#first()
      if (!isOpen) this.#notRecorded('the call has been counted, this comes too late')
      else if (this.#isClaimed) this.#notRecorded('the outcome of run is counted, this comes too late')
      else this.#described = { ...this.#described, ...result }
    }
  }

  #notRecorded(why: string): void {
    const advice = 'describe a run by predictionOf and metricsOf'
    this.#canary.report(new CanaryError('NOT_RECORDED', `record: ${why}; ${advice}`))
  }

  get peek(): RequestCanary<Version>['peek'] {
    return () => this.#assignment
  }

  #first(): Flight<Version> {
    if (this.#own !== undefined) return this.#own
    const { key, attributes } = this.#read()
    const routing: FlightRequest<Version> = {
      key, // no spread: an object that is made with one is a dictionary of 1.4 kB
      attributes,
      like: this.#assignment,
      socket: this.#tie.connection,
      isTrial: firstOfItsKind(),
      isAnswered: () => (this.#isClaimed ? undefined : this.#tie.isBegun),
      onFallback: (version) => this.#name(version),
    }
    this.#routing = routing
    this.#own = this.#open(routing)
    this.#assignment = this.#own.assignment
    this.#tie.onEnd(() => this.#settle())
    return this.#own
  }

  #read(): RoutingInput {
    if (this.#input !== undefined) return this.#input
    const ask = createAsk(this.#canary.report, 'KEY_FAILED', 'the request is routed as one without')
    const { key, attributes } = ask(this.#options.request) ?? {}
    this.#input = { key: ask(() => key), attributes: ask(() => attributes) }
    return this.#input
  }

  /** A call after the request was counted by its response is another flight. */
  #claim(): Flight<Version> {
    const own = this.#first()
    if (!this.#isClaimed && own.isOpen) {
      this.#isClaimed = true
      if (this.#described !== undefined) this.#notRecorded('the outcome of the run that followed is counted')
      return own
    }
    this.#later ??= new Set()
    const later = this.#open({
      ...this.#routing,
      like: this.#assignment,
      onEnd: (flight) => this.#later?.delete(flight),
    })
    this.#later.add(later)
    this.#assignment = later.assignment
    if (this.#tie.isOver) this.#tie.onEnd(() => this.#settle())
    return later
  }

  #open(routing: FlightRequest<Version>): Flight<Version> {
    const flight = this.#canary.begin(routing)
    this.#name(flight.version)
    return flight
  }

  /** Sets the version header to the version that answered last. */
  #name(version: string): void {
    const { versionHeader } = this.#options
    if (versionHeader === false) return
    try {
      this.#tie.setHeader(versionHeader, version)
    } catch (cause) {
      this.#canary.report(new CanaryError('INVALID_VERSION', `"${version}" cannot be written into a header`, { cause }))
    }
  }

  #settle(): void {
    const { ending } = this.#tie
    if (!this.#isClaimed && this.#described?.outcome !== undefined) this.#own?.end(this.#described)
    if (ending === 'answered') this.#answered()
    else this.#lost(ending)
  }

  /** Ends the flights before the signal: a model that fails because of the signal is not to blame. */
  #lost(outcome: 'aborted' | 'error'): void {
    for (const flight of [this.#own, ...(this.#later ?? [])]) flight?.abort(undefined, outcome)
    this.#left?.abort()
  }

  /** A run that has not ended continues; a run whose output is not read ends with the response. */
  #answered(): void {
    for (const flight of this.#later ?? []) flight.release()
    if (this.#isClaimed) this.#own?.release()
    else this.#own?.end({ ...this.#described, outcome: outcomeOfResponse(this.#tie.status) })
  }
}

const ACCEPTED = 202

/** The status of accepted work, which says nothing about the model yet. */
const outcomeOfResponse = (status: number): Outcome =>
  outcomeOfStatus(status) ?? (status === ACCEPTED ? 'ignored' : 'success')

/** For the tripwire, the first call of a request counts, and the first that fails. A call may outlast the request. */
function firstOfItsKind(): (outcome: Outcome) => boolean {
  let worst = -1
  return (outcome) => {
    const severity = Number(outcome === 'error' || outcome === 'timeout')
    if (severity <= worst) return false
    worst = severity
    return true
  }
}
