import { createHash } from 'node:crypto'
import type { CanaryEvents } from '../runtime/events.js'
import type { MessageStatus, WebhookData, WebhookEvent, WebhookMessage } from './message.js'
import { sentenceOf } from './sentence.js'

/** What becomes one message. */
export interface MessageSource<Type extends WebhookEvent = WebhookEvent> {
  readonly type: Type
  readonly event: CanaryEvents[Type]
  readonly status: MessageStatus
  /** When it is told, as wall time in milliseconds since 1970, for an event that does not say when it was. */
  readonly toldAt: number
  /** Counts the messages of one process. */
  readonly count: number
  /** The id that the message is stored under, where it is. */
  readonly owedAs?: string
}

/** The message about an event. A RangeError for a time that no calendar has. */
export function toMessage({ type, event, status, toldAt, count, owedAs }: MessageSource): WebhookMessage {
  const { name, versions, state, weight, step } = status
  const { epoch } = { ...status, ...event }
  const { at: happenedAt } = { at: toldAt, ...event }
  const at = new Date(happenedAt).toISOString()
  const data = dataOf(event)
  const text = sentenceOf(type, data, status)
  const id = messageId(owedAs === undefined ? [name, epoch, type, at, count, text] : [name, owedAs])
  return {
    id,
    type,
    at,
    rollout: name,
    versions,
    epoch,
    state,
    weight,
    step,
    text,
    data,
    trimmed: false,
  } as WebhookMessage
}

/**
 * An id without a dot, of letters that a header takes.
 * Time and a count are among its parts: a restart, which counts anew, does so at another time.
 */
export function messageId(parts: readonly unknown[]): string {
  return `msg_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`
}

/** An error as JSON would be its name alone. */
function dataOf(event: CanaryEvents[WebhookEvent]): WebhookData[WebhookEvent] {
  if (!('error' in event)) return event
  const { at, code, error, count } = event
  return { at, code, message: error.message.slice(0, 500), count }
}
