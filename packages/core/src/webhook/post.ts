import { messageOf } from '../foundation/message-of.js'
import { withDeadline } from '../runtime/deadline.js'
import { retryAfterMsOf } from '../runtime/retry-after.js'
import type { Endpoint } from './endpoint.js'
import { LONGEST_RETRY_AFTER_MS } from './retry.js'
import { signatureOf } from './signature.js'
import { USER_AGENT } from './user-agent.js'

/** The message that is posted, the same at every attempt. */
export interface Letter {
  readonly id: string
  readonly body: string
}

/** The answer of the receiver. */
export interface Answer {
  readonly status: number
  /** How long the receiver asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
}

/**
 * Makes one attempt, signed with the current time and limited by the endpoint's `timeoutMs`.
 * Redirects are not followed: a message signed for one receiver must not be sent to another.
 */
export function post(endpoint: Endpoint, { id, body }: Letter, parent?: AbortSignal): Promise<Answer> {
  const { url, key, timeoutMs, clock } = endpoint
  const timestamp = Math.floor(clock.now() / 1_000)
  const headers: [name: string, value: string][] = [
    ...endpoint.headers.map(([name, value]) => [name, value] as [string, string]),
    ['content-type', 'application/json'],
    ['user-agent', USER_AGENT],
    ['idempotency-key', id],
    ['webhook-id', id],
    ['webhook-timestamp', String(timestamp)],
  ]
  if (key !== null) headers.push(['webhook-signature', signatureOf(key, { id, timestamp, body })])

  const exchange = async (signal: AbortSignal): Promise<Answer> => {
    const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal })
    response.body?.cancel().catch(() => {}) // only the status is used; the body may never end
    const asked = response.headers.get('retry-after')
    return { status: response.status, retryAfterMs: retryAfterMsOf(asked, clock.now(), LONGEST_RETRY_AFTER_MS) }
  }
  return withDeadline(clock, timeoutMs, exchange, parent)
}

/** Returns why there was no answer. The error of `fetch` only says that it failed; its cause has the reason. */
export function whyUnanswered(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code).slice(0, 60) : ''
  return messageOf(cause) || code || 'no answer'
}
