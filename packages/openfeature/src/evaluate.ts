import type { Assignment } from '@model-canary/core'
import { pseudonymOf } from '@model-canary/core/adapter'
import { ErrorCode, type EvaluationContext, type ResolutionDetails } from '@openfeature/server-sdk'
import type { Flag } from './flags.js'
import { flagReasonOf } from './reason.js'

/**
 * Evaluates a flag with its canary, and remembers the assignment for tracking.
 *
 * If the strategy fails, the value is the baseline, not the caller's default; only the reason and the message report
 * the error. In the metadata, `version` is that of the flag's rules, as in OpenFeature's telemetry, so it is the epoch;
 * `modelVersion` is the model's. `contextId` keeps telemetry from falling back to the targeting key.
 */
export function evaluate<Value>(
  flag: Flag,
  { targetingKey, ...attributes }: EvaluationContext,
  read: (assignment: Assignment) => Value,
): ResolutionDetails<Value> {
  const { canary, rollout, recent } = flag
  const assignment = canary.assign({ key: targetingKey, attributes })
  const contextId = contextIdIn(rollout, targetingKey)
  if (contextId !== undefined) recent.remember(contextId, assignment)
  const { variant, version, epoch, step, weight, reason } = assignment
  return {
    value: read(assignment),
    variant,
    reason: flagReasonOf(assignment),
    ...(reason === 'strategy-error' && { errorMessage: 'the strategy failed, so the baseline serves' }),
    flagMetadata: {
      rollout,
      modelVersion: version,
      version: String(epoch),
      epoch,
      step,
      weight,
      ...(contextId !== undefined && { contextId }),
    },
  }
}

/** Returns the hash of a targeting key; `undefined` if there is none. */
export function contextIdIn(rollout: string, targetingKey: unknown): string | undefined {
  return typeof targetingKey === 'string' && targetingKey !== '' ? pseudonymOf(rollout, targetingKey) : undefined
}

/** Returns the caller's default, because there is no canary for this flag key. */
export function flagNotFound<Value>(value: Value): ResolutionDetails<Value> {
  return {
    value,
    reason: 'ERROR',
    errorCode: ErrorCode.FLAG_NOT_FOUND,
    errorMessage: 'no canary has this flag key',
  }
}

/** Returns the caller's default, because a canary has no number as its value. */
export function typeMismatch<Value>(value: Value): ResolutionDetails<Value> {
  const errorMessage = 'the flag of a canary is a string (the version), a boolean (true for the canary) or an object'
  return { value, reason: 'ERROR', errorCode: ErrorCode.TYPE_MISMATCH, errorMessage }
}
