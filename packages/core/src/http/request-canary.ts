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

const SERVABLE = ['baseline', 'canary', ...SERVING_OPTIONS]

/** Refuses models that cannot be called, and serving options that cannot be used. */
export function checkServable(where: string, servable: Models<never, unknown, unknown>): void {
  checkModels(where, servable)
  checkServing(where, servable, SERVABLE)
}

/**
 * A canary as one HTTP request sees it. Lazy: nothing is assigned or counted until a member is touched.
 */
export interface RequestCanary<Version extends string = string> {
  /** How this request is routed. */
  readonly assignment: Assignment<Version>
  /** The variant that serves this request. */
  readonly variant: Variant
  /** The version that serves this request. */
  readonly version: Version
  /** Aborted when the response closes unanswered, and only then: a baseline that answers after a timeout may use it. */
  readonly signal: AbortSignal
  /**
   * Runs this request's version of what `canary.models` returned, or of a literal, which is checked at every call. The first run is the request's flight; later ones keep its variant, unless the rollout
   * has been switched off, has ended or has begun anew since.
   */
  run<Input extends unknown[], Baseline, CanaryOutput>(
    servable: Servable<Input, Baseline, CanaryOutput>,
    ...input: Input
  ): Served<Baseline> | Served<CanaryOutput>
  /** The assignment, if this request has one; assigns and counts nothing. For access logs. */
  peek(): Assignment<Version> | undefined
  /** Describes a request that is served without `run`; its outcome is the response's unless given. */
  record(result: FlightResult): void
}

/** Who is routed, and what is told of it. */
export interface RequestCanaryOptions {
  /** Reads who is routed; called once, when it is needed. */
  readonly request: () => RoutingInput
  /** The header that names the version that answered, or `false` for none. */
  readonly versionHeader: string | false
}
