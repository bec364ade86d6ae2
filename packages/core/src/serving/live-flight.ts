import { CanaryError } from '../errors.js'
import type { FlightEntry } from '../metrics/recorder-contract.js'
import { keyTextOf } from '../routing/key.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { Assignment, Observation, Outcome, Variant } from '../vocabulary.js'
import type { Flight, FlightParts, FlightRequest, FlightResult } from './flight.js'

/** Output that somebody began to read may still be asked for this long after its response is over, in milliseconds. */
const RELEASE_MS = 50

/** A rest that may stay unread is taken for unread after so many milliseconds. */
const UNREAD_MS = 5_000

/**
 * A flight as it is kept: at once what a caller holds and what the recorder follows.
 *
 * A class, as the error and `LiveRequest` are: an object literal with a getter and closures of its own
 * for every flight cost more than routing, recording and ending it together. What users call are getters of bound
 * functions, so that `const { end } = canary.begin()` works: made where they are read, they cost nothing measurable.
 */
export class LiveFlight<Version extends string> implements Flight<Version>, FlightEntry {
  readonly assignment: Assignment<Version>
  readonly variant: Variant
  readonly version: Version
  readonly startedAt: number
  answeredBy: Version
  isOpen = true
  isAborted = false
  answer: FlightEntry['answer'] = undefined
  activeAt: number
  parkedAt: number | undefined = undefined
  parkedMs = 0
  stalledBefore = 0
  previous: FlightEntry | null = null
  next: FlightEntry | null = null
  readonly #parts: FlightParts<Version>
  readonly #request: FlightRequest<Version> | undefined
  readonly #key: string | undefined
  #unread: Outcome = 'aborted'
  #isBegun = false
  #blockedMs: number | undefined = undefined
  #abortion: AbortController | undefined = undefined
  #abortReason: unknown = undefined

  constructor(
    parts: FlightParts<Version>,
    assignment: Assignment<Version>,
    request: FlightRequest<Version> | undefined,
  ) {
    this.assignment = assignment
    this.variant = assignment.variant
    this.version = assignment.version
    this.answeredBy = assignment.version
    this.startedAt = this.activeAt = parts.clock.elapsed()
    this.#parts = parts
    this.#request = isMoreThanRouting(request) ? request : undefined
    this.#key = keyOf(request)
  }

  get origin(): Assignment<Version> {
    return this.assignment
  }

  get key(): string | undefined {
    return this.#key
  }

  get socket(): object | undefined {
    return this.#request?.socket
  }

  isAnswered(): boolean | undefined {
    return this.#request?.isAnswered?.()
  }

  get markAnswered(): () => void {
    return () => this.#markAnswered()
  }

  #markAnswered(): void {
    if (this.answer !== 'given' && this.isOpen) this.#parts.recorder.answered(this, this.#parts.clock.elapsed())
  }

  blockedFor(ms: number): void {
    this.#blockedMs = ms
  }

  park(isParked: boolean): void {
    if (isParked === (this.parkedAt !== undefined)) return
    const at = this.#parts.clock.elapsed()
    if (this.parkedAt !== undefined) {
      this.parkedMs += Math.round(at - this.parkedAt)
      this.#isBegun = true
      this.#unread = 'aborted' // what was begun has to be read to its end
    }
    this.parkedAt = isParked ? at : undefined
    this.activeAt = at
  }

  gaveOutput(): void {
    this.activeAt = this.#parts.clock.elapsed()
  }

  mayStayUnread(): void {
    this.#markAnswered()
    this.#unread = 'success'
    this.#parts.clock.schedule(UNREAD_MS, () => {
      if (!this.#isBegun) this.drop()
    })
  }

  drop(): void {
    if (this.parkedAt !== undefined) this.#close({ outcome: this.#unread })
  }

  release(): void {
    if (!this.isOpen) return
    if (this.parkedAt === undefined) this.#markAnswered()
    else if (this.#isBegun) this.#dropIfParkedAfter(RELEASE_MS)
    else this.drop()
  }

  endIfSilentSince(since: number, maxFlightMs: number): void {
    if (this.activeAt >= since) return
    if (this.parkedAt !== undefined) this.drop()
    else this.expire(new CanaryError('MODEL_TIMEOUT', `${this.answeredBy} gave no output for ${maxFlightMs} ms`))
  }

  #dropIfParkedAfter(ms: number): void {
    const { parkedAt } = this
    if (parkedAt === undefined) return
    this.#parts.clock.schedule(ms, () => {
      if (this.parkedAt === parkedAt) this.drop()
    })
  }

  get signal(): AbortSignal {
    this.#abortion ??= new AbortController()
    if (this.isAborted && !this.#abortion.signal.aborted) this.#abortion.abort(this.#abortReason)
    return this.#abortion.signal
  }

  get end(): (result?: FlightResult) => void {
    return (result) => this.#close(result)
  }

  #close(result?: FlightResult): void {
    if (!this.isOpen) return
    this.isOpen = false
    const { clock, recorder, onEnd, observer } = this.#parts
    const outcome = result?.outcome ?? 'success'
    const at = clock.elapsed()
    const parkedMs = this.parkedMs + (this.parkedAt === undefined ? 0 : at - this.parkedAt)
    const observation: Observation = {
      variant: this.variant,
      at,
      durationMs: Math.max(0, at - this.startedAt - parkedMs),
      outcome,
      prediction: result?.prediction,
      score: result?.score,
      metrics: result?.metrics,
      blockedMs: result?.blockedMs ?? this.#blockedMs,
    }
    recorder.end(this, observation)
    onEnd(this.assignment, outcome, this.#request?.isTrial?.(outcome) ?? true)
    this.#request?.onEnd?.(this)
    observer?.ended(this.assignment, observation)
  }

  get abort(): (reason?: unknown, outcome?: Outcome) => void {
    return (reason, outcome = 'aborted') => this.#stop(outcome, reason)
  }

  expire(reason: unknown): void {
    this.#stop('timeout', reason)
  }

  answerFrom(version: Version): void {
    this.answeredBy = version
    this.#request?.onFallback?.(version)
  }

  #stop(outcome: Outcome, reason: unknown): void {
    if (!this.isOpen) return
    this.isAborted = true
    this.#abortReason = reason
    this.#close({ outcome })
    this.#abortion?.abort(reason)
  }
}

/** Kept by itself: a flight may last, and what else the request holds need not. */
function keyOf(request: RoutingInput | undefined): string | undefined {
  try {
    return keyTextOf(request?.key)
  } catch {
    return undefined // the router has told of it
  }
}

/** What is only there to be routed by, such as whole bodies among the attributes, is not kept for as long as the flight. */
const isMoreThanRouting = <Version extends string>(request: FlightRequest<Version> | undefined): boolean =>
  request?.attributes === undefined || request.isTrial !== undefined || request.onFallback !== undefined
