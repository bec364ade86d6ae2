import { withoutCause } from '../../foundation/message-of.js'
import { noModelErrors } from '../../foundation/vocabulary.js'
import type { Decision } from '../../rollout/decision.js'
import type { LatestDecision, Status } from '../../rollout/status.js'

/**
 * Returns a status for every client: codes and the library's own sentences, without the words of other people's errors.
 * Those may hold addresses, names and keys of the network that the service is in.
 */
export function publicStatus(status: Status): Status {
  const { reason, drift, lastDecision } = status
  return {
    ...status,
    errors: noModelErrors,
    reason: reason === null ? null : (withoutCause(reason) ?? reason),
    drift: drift && { ...drift, message: driftMessage(drift.weight) },
    lastDecision: lastDecision && publicLatest(lastDecision),
  }
}

/** Returns a decision for every client, without the words of other people's errors. */
export function publicDecision(decision: Decision): Decision {
  const { reason, verdict } = decision
  if (verdict?.kind !== 'error') return { ...decision, reason: withoutCause(reason) ?? reason }
  const message = withoutCause(verdict.message ?? '') ?? JUDGE_ERROR
  return { ...decision, reason: withoutCause(reason) ?? message, verdict: { ...verdict, message } }
}

function publicLatest(decision: LatestDecision): LatestDecision {
  const { reason, verdict } = decision
  return { ...decision, reason: withoutCause(reason) ?? (verdict === 'error' ? JUDGE_ERROR : reason) }
}

const JUDGE_ERROR = 'the judge gave an error'

/** Returns a sentence about drift that does not use the target's own words. */
const driftMessage = (weight: number | null): string =>
  weight === null
    ? 'The weight at the target is not known, or not ours.'
    : `The target gives the canary ${weight} %, and somebody else has changed it.`
