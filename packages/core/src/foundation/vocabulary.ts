/** The two arms of a rollout. Their *versions* are the user's own strings. */
export type Variant = 'baseline' | 'canary'

/** The two arms, in the order in which they are always listed. */
export const VARIANTS = ['baseline', 'canary'] as const satisfies readonly Variant[]

/** Returns whether a value is a variant. */
export const isVariant = (value: unknown): value is Variant => VARIANTS.includes(value as Variant)

/** One value for each arm. */
export interface ByVariant<Value> {
  /** For the version that serves today. */
  readonly baseline: Value
  /** For the new version. */
  readonly canary: Value
}

/** The user's names for the two arms, such as `{ baseline: 'v1', canary: 'v2' }`. */
export type Versions<Version extends string = string> = ByVariant<Version>

/**
 * How a model call ended. A client that hangs up is `aborted`, which is not an error. A call that the model refused
 * because of what the caller sent is `rejected`. A call that says nothing about the model is `ignored`.
 */
export type Outcome = 'success' | 'error' | 'timeout' | 'aborted' | 'rejected' | 'ignored'

/** Every outcome, in the order in which counts are kept. */
export const OUTCOMES = [
  'success',
  'error',
  'timeout',
  'aborted',
  'rejected',
  'ignored',
] as const satisfies readonly Outcome[]

/** Returns whether a value is an outcome. */
export const isOutcome = (value: unknown): value is Outcome =>
  value === 'success' || OUTCOMES.includes(value as Outcome)

/** Why a request got its variant. Only requests with `split` are evidence. */
export type AssignmentReason = 'split' | 'override' | 'no-key' | 'disabled' | 'strategy-error'

/** What the router decided for one request, and why. Plain data: log it, store it, compare it. */
export interface Assignment<Version extends string = string> {
  /** Unique within the process, rising from 1. */
  readonly id: number
  /** The variant that serves the request. */
  readonly variant: Variant
  /** The version that serves the request. */
  readonly version: Version
  /** The canary's share when the decision was made, in percent (0–100). */
  readonly weight: number
  /** Why this variant was chosen. */
  readonly reason: AssignmentReason
  /** The number of the rollout, from 1. */
  readonly epoch: number
  /** The step in force: 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** The bucket 0…9999 of the key, where the strategy has buckets. */
  readonly bucket?: number
}

/** What a model predicted: a class. Numbers and booleans are counted by their text. */
export type Prediction = string | number | boolean

/** A business metric of one call: a boolean is a yes/no metric, a number a numeric one. */
export type MetricValue = number | boolean

/** What is known about one finished model call. */
export interface Observation {
  /** The variant that served the call. */
  readonly variant: Variant
  /** When the call ended, on the clock's `elapsed` scale, in milliseconds. */
  readonly at: number
  /** How long the call took, in milliseconds. */
  readonly durationMs: number
  /** How the call ended. */
  readonly outcome: Outcome
  /** The class that was predicted. */
  readonly prediction?: Prediction | undefined
  /** A numeric output, such as a confidence or a price. */
  readonly score?: number | undefined
  /** Business metrics by name. One that is `undefined` has no value in this call. */
  readonly metrics?: Readonly<Record<string, MetricValue | undefined>> | undefined
  /** How long the call blocked the event loop from its start to its first await, in milliseconds. */
  readonly blockedMs?: number | undefined
}

/** One message with which a version failed. */
export interface ModelError {
  /** The first line of the error's message, cut to 200 characters. No stack. */
  readonly message: string
  /** How often it occurred since it was first seen. */
  readonly count: number
  /** When it occurred last, as wall time in milliseconds since 1970. */
  readonly lastAt: number
}

/** The latest distinct errors of each version, latest first. */
export type ModelErrors = ByVariant<readonly ModelError[]>

/** No errors. */
export const noModelErrors: ModelErrors = /* @__PURE__ */ Object.freeze({ baseline: [], canary: [] })
