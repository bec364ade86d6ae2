import { CanaryError } from '../foundation/errors.js'
import { refuseUnknown, safeName } from '../foundation/options.js'
import type { GateRequest } from '../rollout/plan.js'
import { ENDPOINT_OPTIONS, type EndpointOptions, resolveEndpoint } from './endpoint.js'
import { post, whyUnanswered } from './post.js'
import { messageId } from './to-message.js'

/** Options of a gate that asks another service. */
export interface WebhookGateOptions extends EndpointOptions {
  /** The rollout's name, for a receiver that serves several rollouts. */
  readonly rollout?: string
}

/**
 * Creates a gate that asks another service: a 2xx status opens it, any other status holds.
 * At each look it posts `{ id, type: 'gate', at, rollout?, epoch, step, weight }`, signed like a webhook.
 * If there is no answer within `timeoutMs`, the gate stays closed, `GATE_FAILED` is reported, and the next look asks
 * again. The guardrails go on meanwhile.
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
      const why = `${shownAs} did not answer the request of the gate: ${whyUnanswered(cause)}`
      throw new CanaryError('WEBHOOK_FAILED', why, { cause })
    }
  }
}
