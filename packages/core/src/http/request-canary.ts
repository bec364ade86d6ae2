import type { Names } from '../foundation/options.js'
import type { Assignment, Variant } from '../foundation/vocabulary.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { FlightResult } from '../serving/flight.js'
import {
  checkModels,
  checkServing,
  type Models,
  SERVING_OPTIONS,
  type Servable,
  type Served,
} from '../serving/models.js'

const SERVABLE: Names<Servable<never, unknown, unknown>> = { baseline: 1, canary: 1, ...SERVING_OPTIONS }

/** Throws a `CanaryError` for models that cannot be called and for serving options that cannot be used. */
export function checkServable(where: string, servable: Models<never, unknown, unknown>): void {
  checkModels(where, servable)
  checkServing(where, servable, SERVABLE)
}

/**
 * The canary of one HTTP request. It is lazy: nothing is assigned or counted until a member is used.
 */
export interface RequestCanary<Version extends string = string> {
  /** How this request is routed: its latest run, if a rollout has ended between two. */
  readonly assignment: Assignment<Version>
  /** The variant that serves this request. */
  readonly variant: Variant
  /** The version that serves this request. */
  readonly version: Version
  /** Aborted only if the response closes without an answer, so that a baseline may use it after a timeout. */
  readonly signal: AbortSignal
  /**
   * Runs the model of this request's version, from what `canary.models` returned, or from a literal, which is checked
   * at every call. The first run is the request's flight. Later runs keep its variant unless the rollout has been
   * disabled, has ended or has begun anew since.
   */
  run<Input extends unknown[], Baseline, CanaryOutput>(
    servable: Servable<Input, Baseline, CanaryOutput>,
    ...input: Input
  ): Served<Baseline> | Served<CanaryOutput>
  /** Returns the assignment, if this request has one; assigns and counts nothing. For access logs. */
  peek(): Assignment<Version> | undefined
  /** Describes a request that is served without `run`; without an outcome, that of the response counts. */
  record(result: FlightResult): void
}

/** How a request is routed, and which header names the version. */
export interface RequestCanaryOptions {
  /** Reads the key and the attributes; called at most once, when they are needed. */
  readonly request: () => RoutingInput
  /** The header that names the version that answered; `false` for none. */
  readonly versionHeader: string | false
}
