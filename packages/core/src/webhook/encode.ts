import { CanaryError } from '../foundation/errors.js'
import { adopt, isThenable } from '../runtime/thenable.js'
import type { WebhookMessage } from './message.js'
import { toSlack } from './slack.js'

/** How a message becomes a body. */
export type WebhookFormat = 'json' | 'slack' | ((message: WebhookMessage) => unknown)

/** The longest body, in bytes. */
export const LONGEST_BODY = 256 * 1024

/**
 * The body of a message: whole, without its checks, or without its event, whichever fits first.
 *
 * @throws `WEBHOOK_FAILED` where a format makes no body, or one that is too long
 */
export function encode(message: WebhookMessage, format: WebhookFormat): string {
  for (const candidate of [message, withoutChecks(message), withoutData(message)]) {
    const body = bodyOf(candidate, format)
    if (Buffer.byteLength(body) <= LONGEST_BODY) return body
  }
  throw new CanaryError('WEBHOOK_FAILED', `the body is longer than ${LONGEST_BODY} bytes; let format() say less`)
}

function bodyOf(message: WebhookMessage, format: WebhookFormat): string {
  const body: unknown = JSON.stringify(shapeOf(message, format))
  if (typeof body === 'string') return body
  throw new CanaryError('WEBHOOK_FAILED', 'format() must return something that is JSON')
}

function shapeOf(message: WebhookMessage, format: WebhookFormat): unknown {
  if (format === 'json') return message
  if (format === 'slack') return toSlack(message)
  const shape = format(message)
  if (isThenable(shape)) {
    adopt(shape).catch(() => {}) // it is refused whatever comes of it
    throw new CanaryError('WEBHOOK_FAILED', 'format() must return at once, not a promise')
  }
  return shape
}

function withoutChecks(message: WebhookMessage): WebhookMessage {
  if (message.type !== 'decision' || !message.data?.verdict) return message
  const data = { ...message.data, verdict: { ...message.data.verdict, checks: [] } }
  return { ...message, data, trimmed: true }
}

const withoutData = (message: WebhookMessage): WebhookMessage => ({ ...message, data: null, trimmed: true })
