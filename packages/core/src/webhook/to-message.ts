import { createHash } from 'node:crypto'
import type { CanaryEvents } from '../runtime/events.js'
import type { MessageStatus, WebhookData, WebhookEvent, WebhookMessage } from './message.js'
import { sentenceOf } from './sentence.js'

/** The parts of one message. */
export interface MessageSource<Type extends WebhookEvent = WebhookEvent> {
  readonly type: Type
  readonly event: CanaryEvents[Type]
  readonly status: MessageStatus
  /** Wall time in milliseconds since 1970, for an event without a time of its own. */
  readonly toldAt: number
  /** Counts the messages of one process. */
  readonly count: number
  /** The id under which the message is stored, if it is. */
  readonly owedAs?: string
}

/** Returns the message about an event. Throws a RangeError for an invalid time. */
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
 * Returns an id without dots, in characters that are valid in a header.
 * Its parts include a time and a count: the count restarts with the process, but the time is then different.
 */
export function messageId(parts: readonly unknown[]): string {
  return `msg_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`
}

/** Converts an error to its code and message: as JSON it would have only its name. */
function dataOf(event: CanaryEvents[WebhookEvent]): WebhookData[WebhookEvent] {
  if (!('error' in event)) return event
  const { at, code, error, count } = event
  return { at, code, message: error.message.slice(0, 500), count }
}
