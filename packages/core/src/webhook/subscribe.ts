import { isCanaryError } from '../foundation/errors.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { SendEvent } from './event-sender.js'
import type { WebhookEvent } from './message.js'
import type { ResolvedWebhook } from './webhook-options.js'
import type { WebhookSource } from './webhook-source.js'

/** The types of messages that are stored with the rollout until they are delivered, if it can store them. */
const STORED = ['step', 'promoted', 'rolled-back', 'alert', 'decision'] as const

/** Sends the events of a rollout from now on; the returned function stops that. */
export function subscribe(
  rollout: WebhookSource,
  { key, events, holds }: ResolvedWebhook,
  send: SendEvent,
): () => void {
  const stored = rollout.deliverTo ? STORED.filter((type) => events.includes(type)) : []
  const isStored = (type: WebhookEvent): boolean => stored.some((each) => each === type)
  const offs = events
    .filter((type) => !isStored(type))
    .map((type) =>
      rollout.on(type, (event) => {
        if (isWanted(event, holds)) send(rollout, { type, event })
      }),
    )
  const stopDelivery = rollout.deliverTo?.({
    key,
    types: stored,
    wants: ({ event }) => isWanted(event, holds),
    deliver: ({ type, event }, owed) =>
      new Promise((onDone) => {
        send(rollout, { type, event, owed }, onDone)
      }),
  })
  if (stopDelivery) offs.push(stopDelivery)
  return () => {
    for (const off of offs.splice(0)) off()
  }
}

/** Leaves out holds, unless wanted, and errors about webhooks, whose messages would fail as well. */
function isWanted(event: CanaryEvents[WebhookEvent], holds: boolean): boolean {
  if ('action' in event) return holds || event.action !== 'hold'
  return !('error' in event && isCanaryError(event.error, 'WEBHOOK_FAILED'))
}
