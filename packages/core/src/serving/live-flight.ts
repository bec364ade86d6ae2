import { CanaryError } from '../foundation/errors.js'
import type { Assignment, Observation, Outcome, Variant } from '../foundation/vocabulary.js'
import type { FlightEntry } from '../recorder/recorder-contract.js'
import { ignoreRejection } from '../routing/rejections.js'
import type { Flight, FlightParts, FlightRequest, FlightResult } from './flight.js'
import { type FlightHooks, hooksOf } from './flight-hooks.js'
import { keyHashOf } from './key-hash-of.js'

/** How long partly read output may stay unread after its response is over, in milliseconds. */
const RELEASE_MS = 50

/** After this many milliseconds, output that may stay unread counts as unread, and a silent stream as stuck. */
const UNREAD_MS = 5_000

/**
 * A flight in memory: both the object that a caller holds and the entry that the recorder follows.
 *
 * This is a class, because an object literal with closures for every flight cost more than routing, recording and ending
 * it. The methods for users are getters that return bound functions, so that `const { end } = canary.begin()` works.
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
  isEmpty = false
  activeAt: number
  parkedAt: number | undefined = undefined
  parkedMs = 0
  stalledBefore = 0
  isLeftOut = false
  previous: FlightEntry | null = null
  next: FlightEntry | null = null
  readonly #parts: FlightParts<Version>
  readonly keyHash: number | undefined
  #hooks: FlightHooks<Version> | undefined
  #unread: FlightResult = ABORTED
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
    this.#hooks = hooksOf(request)
    this.keyHash = keyHashOf(request)
  }

  get origin(): Assignment<Version> {
    return this.assignment
  }

  get socket(): object | undefined {
    return this.#hooks?.socket
  }

  isAnswered(): boolean | undefined {
    const said = this.#hooks?.isAnswered?.()
    ignoreRejection(said)
    return said
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
      this.#unread = ABORTED // output that was partly read has to be read to its end
    }
    this.parkedAt = isParked ? at : undefined
    this.activeAt = at
  }

  gaveOutput(): void {
    this.activeAt = this.#parts.clock.elapsed()
  }

  mayStayUnread(result?: FlightResult): void {
    this.#markAnswered()
    this.#unread = result ?? {}
    if (result !== undefined) return
    this.#parts.clock.schedule(UNREAD_MS, () => {
      if (!this.#isBegun) this.drop()
    })
  }

  drop(): void {
    if (this.parkedAt !== undefined) this.#close(this.#unread)
  }

  release(): void {
    if (!this.isOpen) return
    this.#hooks = this.#hooks && { isTrial: this.#hooks.isTrial } // an endless call must not keep its response
    if (this.parkedAt === undefined) {
      if (this.#isBegun && this.answer === 'given') this.#endIfStuck()
      return
    }
    if (this.#isBegun) this.#dropIfParkedAfter(RELEASE_MS)
    else this.drop()
  }

  endIfSilentSince(since: number, maxFlightMs: number): void {
    if (this.activeAt >= since || this.#isSending()) return
    if (this.parkedAt !== undefined) this.drop()
    else this.expire(new CanaryError('MODEL_TIMEOUT', `${this.answeredBy} gave no output for ${maxFlightMs} ms`))
  }

  /** Returns whether a response has begun on a connection that is open: the flight ends with it, however long it takes. */
  #isSending(): boolean {
    const connection: { readonly destroyed?: unknown } | undefined = this.socket
    try {
      return connection?.destroyed === false && this.isAnswered() === true
    } catch {
      return false
    }
  }

  /** Ends a stream whose reader waits for more although its response is over. Work that is still wanted goes on. */
  #endIfStuck(): void {
    const { activeAt } = this
    this.#parts.clock.schedule(UNREAD_MS, () => {
      if (this.activeAt !== activeAt) this.release()
      else this.#close({ outcome: 'timeout' })
    })
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
    const at = clock.elapsed()
    const parkedMs = this.parkedMs + (this.parkedAt === undefined ? 0 : at - this.parkedAt)
    const durationMs = Math.max(0, at - this.startedAt - parkedMs)
    const observation = this.#observed(result, at, durationMs)
    const { outcome } = observation
    recorder.end(this, observation)
    onEnd(this.assignment, outcome, this.#hooks === undefined || this.#told(outcome))
    observer?.ended(this.assignment, observation)
  }

  /** Notifies the request that its call is over. Errors are ignored, so that they cannot fail a request. */
  #told(outcome: Outcome): boolean {
    try {
      ignoreRejection(this.#hooks?.onEnd?.(this))
      const isTrial = this.#hooks?.isTrial?.(outcome) ?? true
      ignoreRejection(isTrial)
      return isTrial
    } catch {
      return true
    }
  }

  /** Notes whether a result is empty, and returns its observation. An unreadable one gets an invalid outcome. */
  #observed(result: FlightResult | undefined, at: number, durationMs: number): Observation {
    const { variant } = this
    try {
      this.isEmpty = result?.hasOutput === false
      return {
        variant,
        at,
        durationMs,
        outcome: result?.outcome ?? 'success',
        prediction: result?.prediction,
        score: result?.score,
        metrics: result?.metrics,
        blockedMs: result?.blockedMs ?? this.#blockedMs,
      }
    } catch {
      return { variant, at, durationMs, outcome: 'unreadable' as Outcome } // the recorder reports this outcome
    }
  }

  get abort(): (reason?: unknown, outcome?: Outcome) => void {
    return (reason, outcome = 'aborted') => this.#stop(outcome, reason)
  }

  expire(reason: unknown): void {
    this.#stop('timeout', reason)
  }

  answerFrom(version: Version): void {
    this.answeredBy = version
    try {
      ignoreRejection(this.#hooks?.onFallback?.(version))
    } catch {
      // an error of the caller's function must not cost the caller the baseline's answer
    }
  }

  /** For logs: the entry of the recorder refers to its neighbours, which refer back. */
  toJSON(): object {
    const { assignment, answeredBy, startedAt, isOpen, isAborted } = this
    return { assignment, answeredBy, startedAt, isOpen, isAborted }
  }

  #stop(outcome: Outcome, reason: unknown): void {
    if (!this.isOpen) return
    this.isAborted = true
    this.#abortReason = reason
    this.#close({ outcome })
    this.#abortion?.abort(reason)
  }
}

/** The result of a flight whose output nobody reads. */
const ABORTED: FlightResult = { outcome: 'aborted' }
