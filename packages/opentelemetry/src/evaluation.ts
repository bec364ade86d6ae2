import type { Assignment, RoutingRequest } from '@model-canary/core'
import { pseudonymOf } from '@model-canary/core/adapter'
import type { Attributes } from '@opentelemetry/api'
import { resultReasonOf } from './reason.js'

/** The name that the semantic conventions give to the event of an evaluated flag. */
export const EVALUATION_EVENT = 'feature_flag.evaluation'

/** What stands in every evaluation event of one rollout. */
export interface EvaluationSource {
  /** The rollout's name: the flag's key. */
  readonly name: string
  readonly provider: string
  /** Whether the hash of the routing key is given. */
  readonly contextId: boolean
}

/**
 * An assignment in the words of the semantic conventions for feature flags (release candidate).
 *
 * Their variant is the symbolic name of a value, so it is the arm; the value behind it is the version. Their
 * version is that of the rules, which change with every life of a rollout: the epoch.
 */
export function evaluationOf(
  { name, provider, contextId }: EvaluationSource,
  assignment: Assignment,
  { key }: RoutingRequest,
): Attributes {
  const { variant, version, weight, step, epoch, reason } = assignment
  return {
    'feature_flag.key': name,
    'feature_flag.result.variant': variant,
    'feature_flag.result.reason': resultReasonOf(assignment),
    'feature_flag.provider.name': provider,
    'feature_flag.version': String(epoch),
    ...(contextId && typeof key === 'string' && key !== '' && { 'feature_flag.context.id': pseudonymOf(name, key) }),
    ...(reason === 'strategy-error' && { 'error.type': 'general' }), // of the conventions' own list
    'model_canary.variant': variant,
    'model_canary.version': version,
    'model_canary.step': step,
    'model_canary.weight': weight,
  }
}

/** What a span is found by: which model served it. */
export function servedBy(rollout: string, { variant, version }: Pick<Assignment, 'variant' | 'version'>): Attributes {
  return { 'model_canary.rollout': rollout, 'model_canary.variant': variant, 'model_canary.version': version }
}
