import type { Guardrail } from '../guardrails/guardrail.js'
import type { Judge } from '../judging/judge.js'
import { hashOfKey } from '../summaries/clusters.js'
import type { Course } from './course.js'

/** The options by which a rollout is judged. */
export interface JudgedBy {
  readonly course: Course
  readonly guardrails: readonly Guardrail[]
  readonly judge: Pick<Judge, 'name'>
}

/**
 * Returns a digest of the options by which a rollout is judged. Processes with different digests do not judge the same
 * rollout. Functions, such as gates, are not compared.
 */
export function configOf({ course, guardrails, judge }: JudgedBy): string {
  const text = JSON.stringify([course, guardrails, judge.name])
  return [text, `${text}.`].map((part) => (hashOfKey(part) >>> 0).toString(16).padStart(8, '0')).join('')
}
