import { withoutCause } from '../foundation/message-of.js'
import { noModelErrors } from '../foundation/vocabulary.js'
import type { Decision } from '../rollout/decision.js'
import type { Status } from '../rollout/status.js'

/**
 * A status for everybody: codes and our own sentences, and nothing of what other people's code failed with. The words of an
 * error may hold addresses, names and keys of the network that the service is in.
 */
export function publicStatus(status: Status): Status {
  const { reason, drift, history } = status
  return {
    ...status,
    errors: noModelErrors,
    reason: reason === null ? null : (withoutCause(reason) ?? reason),
    drift: drift && { ...drift, message: driftMessage(drift.weight) },
    history: history.map(publicDecision),
  }
}

function publicDecision(decision: Decision): Decision {
  const { reason, verdict } = decision
  if (verdict?.kind !== 'error') return { ...decision, reason: withoutCause(reason) ?? reason }
  const message = withoutCause(verdict.message ?? '') ?? 'the judge gave an error'
  return { ...decision, reason: withoutCause(reason) ?? message, verdict: { ...verdict, message } }
}

/** What a target says of drift is in its own words. */
const driftMessage = (weight: number | null): string =>
  weight === null
    ? 'The weight at the target is not known, or not ours.'
    : `The target gives the canary ${weight} %, and somebody else has changed it.`
