import type { Assignment, RoutingRequest } from '@model-canary/core'
import { pseudonymOf } from '@model-canary/core/adapter'
import type { Attributes } from '@opentelemetry/api'
import { resultReasonOf } from './reason.js'

/** The name that the semantic conventions give to the event of an evaluated flag. */
export const EVALUATION_EVENT = 'feature_flag.evaluation'

/** The data that all evaluation events of one rollout share. */
export interface EvaluationSource {
  /** The rollout's name: the flag's key. */
  readonly name: string
  readonly provider: string
  /** Whether events contain the hash of the routing key. */
  readonly contextId: boolean
}

/**
 * Returns an assignment as attributes of the semantic conventions for feature flags (release candidate).
 *
 * The conventions' variant is the symbolic name of a value, so it is the arm; the value is the model's version. Their
 * version is that of the flag's rules, which change with every epoch, so it is the epoch.
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
    ...(reason === 'strategy-error' && { 'error.type': 'general' }), // a value that the conventions define
    'model_canary.variant': variant,
    'model_canary.version': version,
    'model_canary.step': step,
    'model_canary.weight': weight,
  }
}

/** Returns the attributes that name the model that served a span. */
export function servedBy(rollout: string, { variant, version }: Pick<Assignment, 'variant' | 'version'>): Attributes {
  return { 'model_canary.rollout': rollout, 'model_canary.variant': variant, 'model_canary.version': version }
}
