import { CanaryError } from '../foundation/errors.js'
import { ignoreRejection } from '../routing/rejections.js'
import { isThenable } from '../routing/thenable.js'
import type { WebhookMessage } from './message.js'
import { toSlack } from './slack.js'

/** How a message is converted to a request body. */
export type WebhookFormat = 'json' | 'slack' | ((message: WebhookMessage) => unknown)

/** The longest body, in bytes. */
export const LONGEST_BODY = 256 * 1024

/**
 * Returns the body of a message. If it is too long, the checks are left out, then the whole event.
 *
 * @throws `WEBHOOK_FAILED` if the format does not return a valid body, or returns one that is too long
 */
export function encode(message: WebhookMessage, format: WebhookFormat): string {
  for (const candidate of [message, withoutChecks(message), withoutData(message)]) {
    const body = bodyOf(candidate, format)
    if (Buffer.byteLength(body) <= LONGEST_BODY) return body
  }
  throw new CanaryError('WEBHOOK_FAILED', `the body is longer than ${LONGEST_BODY} bytes; make format() return less`)
}

function bodyOf(message: WebhookMessage, format: WebhookFormat): string {
  const body: unknown = JSON.stringify(shapeOf(message, format))
  if (typeof body === 'string') return body
  throw new CanaryError('WEBHOOK_FAILED', 'format() must return a value that can be serialized as JSON')
}

function shapeOf(message: WebhookMessage, format: WebhookFormat): unknown {
  if (format === 'json') return message
  if (format === 'slack') return toSlack(message)
  const shape = format(message)
  if (isThenable(shape)) {
    ignoreRejection(shape) // a refused promise must not cause an unhandled rejection
    throw new CanaryError('WEBHOOK_FAILED', 'format() must be synchronous and must not return a promise')
  }
  return shape
}

function withoutChecks(message: WebhookMessage): WebhookMessage {
  if (message.type !== 'decision' || !message.data?.verdict) return message
  const data = { ...message.data, verdict: { ...message.data.verdict, checks: [] } }
  return { ...message, data, trimmed: true }
}

const withoutData = (message: WebhookMessage): WebhookMessage => ({ ...message, data: null, trimmed: true })
