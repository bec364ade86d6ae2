import { createHash } from 'node:crypto'
import type { CanaryErrorCode } from '../foundation/errors.js'
import type { Versions } from '../foundation/vocabulary.js'
import type { RolloutStatus } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import type { CanaryEvents } from '../runtime/events.js'
import { sentenceOf } from './sentence.js'

/** Every kind of message. A drift comes as the alert that is raised with it. */
export const WEBHOOK_EVENTS = ['decision', 'step', 'promoted', 'rolled-back', 'alert', 'internal-error'] as const

/** What a message can be about. */
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

/** An event of a rollout as a message carries it: plain JSON. */
export interface WebhookData extends Pick<CanaryEvents, Exclude<WebhookEvent, 'internal-error'>> {
  readonly 'internal-error': {
    readonly at: number
    readonly code: CanaryErrorCode
    readonly message: string
    readonly count: number
  }
}

/** A message of one kind. */
export interface WebhookMessageOf<Type extends WebhookEvent> {
  /** The same for every try; no other message has it. */
  readonly id: string
  readonly type: Type
  /** When it happened, such as `2026-01-01T00:00:00.000Z`. */
  readonly at: string
  readonly rollout: string
  readonly versions: Versions
  readonly epoch: number
  readonly state: RolloutStatus
  /** The canary's share after the event, in percent. */
  readonly weight: number
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** The same in a sentence for a person. */
  readonly text: string
  /** The event itself; `null` where it was too long to be sent. */
  readonly data: WebhookData[Type] | null
  /** True where something of `data` was left out because the message would have been too long. */
  readonly trimmed: boolean
}

/** What a webhook sends: look at `type` to know what `data` is. */
export type WebhookMessage = { readonly [Type in WebhookEvent]: WebhookMessageOf<Type> }[WebhookEvent]

/** Where a rollout stands, as far as a message says it. */
export type MessageStatus = Pick<Status, 'name' | 'versions' | 'epoch' | 'state' | 'weight' | 'step'>

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
