import { CanaryError } from '../foundation/errors.js'
import { refuseUnknown, safeName } from '../foundation/options.js'
import type { GateRequest } from '../rollout/plan.js'
import { ENDPOINT_OPTIONS, type EndpointOptions, resolveEndpoint } from './endpoint.js'
import { post, whyUnanswered } from './post.js'
import { messageId } from './to-message.js'

/** Who is asked whether a step may be left. */
export interface WebhookGateOptions extends EndpointOptions {
  /** The rollout's name, for a receiver that answers for several. */
  readonly rollout?: string
}

/**
 * A gate that asks another service: an answer of 2xx opens it, anything else holds.
 * It is asked once a look, and posts `{ id, type: 'gate', at, rollout?, epoch, step, weight }`, signed as a webhook is.
 * No answer, or none within `timeoutMs`, is a failed gate: it stays closed, `GATE_FAILED` is reported, and the next
 * look asks again. The guardrails go on meanwhile.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_NAME`; the gate itself rejects with `WEBHOOK_FAILED`
 * @example
 * const gate = webhookGate({ url: 'https://ci.example/canary', secret: process.env.WEBHOOK_SECRET! })
 * const plan = linearPlan([10, 50, 100], { minRequests: 1_000, gate })
 */
export function webhookGate(options: WebhookGateOptions): (request: GateRequest) => Promise<boolean> {
  refuseUnknown('webhookGate', options, { ...ENDPOINT_OPTIONS, rollout: 1 })
  const endpoint = resolveEndpoint('webhookGate', options)
  const { clock, shownAs } = endpoint
  const name = options.rollout === undefined ? {} : { rollout: safeName('webhookGate: rollout', options.rollout) }
  let count = 0

  return async function webhookGate({ epoch, step, weight, signal }) {
    count += 1
    const question = { type: 'gate', at: new Date(clock.now()).toISOString(), ...name, epoch, step, weight }
    const id = messageId([question, count])
    try {
      const { status } = await post(endpoint, { id, body: JSON.stringify({ id, ...question }) }, signal)
      return status >= 200 && status < 300
    } catch (cause) {
      const why = `${shownAs} did not answer for the gate: ${whyUnanswered(cause)}`
      throw new CanaryError('WEBHOOK_FAILED', why, { cause })
    }
  }
}
