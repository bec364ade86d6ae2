import type { CanaryErrorCode } from '../foundation/errors.js'
import type { Versions } from '../foundation/vocabulary.js'
import type { RolloutStateName } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import type { CanaryEvents } from '../runtime/events.js'

/** The types of messages. A drift is sent as the alert that is raised for it. */
export const WEBHOOK_EVENTS = ['decision', 'step', 'promoted', 'rolled-back', 'alert', 'internal-error'] as const

/** The type of a message. */
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

/** The events of a rollout as plain JSON. */
export interface WebhookData extends Pick<CanaryEvents, Exclude<WebhookEvent, 'internal-error'>> {
  /** A failure inside the library. */
  readonly 'internal-error': {
    readonly at: number
    readonly code: CanaryErrorCode
    readonly message: string
    readonly count: number
  }
}

/** A message of one type. */
export interface WebhookMessageOf<Type extends WebhookEvent> {
  /** A unique id, the same for every attempt. */
  readonly id: string
  /** What the message is about. */
  readonly type: Type
  /** The time of the event, such as `2026-01-01T00:00:00.000Z`. */
  readonly at: string
  /** The name of the rollout. */
  readonly rollout: string
  /** The names of the two versions. */
  readonly versions: Versions
  /** The number of the rollout, from 1. */
  readonly epoch: number
  /** Where the rollout stands. */
  readonly state: RolloutStateName
  /** The canary's share after the event as decided, in percent. */
  readonly weight: number
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** The event in one readable sentence. */
  readonly text: string
  /** The event itself; `null` if it was too long to be sent. */
  readonly data: WebhookData[Type] | null
  /** True if part of `data` was left out because the message would have been too long. */
  readonly trimmed: boolean
}

/** A message that a webhook sends; `type` determines the type of `data`. */
export type WebhookMessage = { readonly [Type in WebhookEvent]: WebhookMessageOf<Type> }[WebhookEvent]

/** The fields of a rollout's status that a message contains. */
export type MessageStatus = Pick<Status, 'name' | 'versions' | 'epoch' | 'state' | 'weight' | 'step'>
