import type { AnyRateGuardrail } from '../../guardrails/guardrail.js'
import type { Harms } from '../../statistics/alternatives.js'

/** Which way a figure may go wrong. */
export type Side = 'rise' | 'fall'

/** What is counted in a summary. Latencies are in milliseconds, their bins as the histogram has them. */
export type Subject =
  | { readonly kind: AnyRateGuardrail['kind'] }
  /** Latencies in a bin or above it, flights still under way included. */
  | { readonly kind: 'tail'; readonly bin: number }
  /** The same with a bin so high that only flights that hang reach it: the rest of the latency is not looked at. */
  | { readonly kind: 'hung'; readonly bin: number }
  | { readonly kind: 'class'; readonly label: string }
  | { readonly kind: 'other-classes'; readonly labels: readonly string[] }
  | { readonly kind: 'latency'; readonly capMs: number }
  | { readonly kind: 'score' }
  | { readonly kind: 'metric'; readonly metric: string }

/** When a question is asked. */
export type Asked = 'always' | 'warm-up' | 'after warm-up'

/**
 * One figure that must not move too far: what a guardrail comes down to.
 *
 * `share` is a yes/no question and exact; `mean` is a mean and asymptotic. With a `limit` the canary
 * alone is held against it, and nothing about the difference is proved.
 */
export interface Question {
  /** Unique among the questions of a rollout. */
  readonly id: string
  readonly form: 'share' | 'mean'
  readonly subject: Subject
  readonly sides: readonly Side[]
  /** The greatest move that is accepted, in the figure's own unit. */
  readonly margin: number
  readonly limit: number | null
  readonly harms: Harms
  /** The share that is expected before anything has been seen. */
  readonly prior: number
  /** Its part of the guardrail's evidence. */
  readonly weight: number
  readonly asked: Asked
}

/** Whether the difference of the two arms is what is asked about. */
export const isComparison = ({ limit, subject }: Question): boolean => limit === null && subject.kind !== 'hung'
