import type { CanaryErrorCode } from '../foundation/errors.js'
import type { Versions } from '../foundation/vocabulary.js'
import type { RolloutStatus } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import type { CanaryEvents } from '../runtime/events.js'

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
