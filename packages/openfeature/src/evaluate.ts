import type { Assignment } from '@model-canary/core'
import { pseudonymOf } from '@model-canary/core/adapter'
import { ErrorCode, type EvaluationContext, type ResolutionDetails } from '@openfeature/server-sdk'
import type { Flag } from './flags.js'
import { flagReasonOf } from './reason.js'

/**
 * Asks a flag's canary, and remembers whom it answered.
 *
 * A strategy that failed is an answer too, the baseline, and not the caller's default: the error is told by the
 * reason alone. In the metadata `version` is that of the flag's rules, as OpenFeature's telemetry has it, so the
 * epoch; the model's is `modelVersion`. `contextId` keeps telemetry from falling back on the targeting key.
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

/** The hash of a targeting key, where there is one. */
export function contextIdIn(rollout: string, targetingKey: unknown): string | undefined {
  return typeof targetingKey === 'string' && targetingKey !== '' ? pseudonymOf(rollout, targetingKey) : undefined
}

/** The caller's own default, because no canary goes by this key. */
export function flagNotFound<Value>(value: Value): ResolutionDetails<Value> {
  return {
    value,
    reason: 'ERROR',
    errorCode: ErrorCode.FLAG_NOT_FOUND,
    errorMessage: 'no canary goes by this flag key',
  }
}

/** The caller's own default, because no canary has a number. */
export function typeMismatch<Value>(value: Value): ResolutionDetails<Value> {
  const errorMessage = 'a canary is a string (the version), a boolean (is it the canary) or an object'
  return { value, reason: 'ERROR', errorCode: ErrorCode.TYPE_MISMATCH, errorMessage }
}
