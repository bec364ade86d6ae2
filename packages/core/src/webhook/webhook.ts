import { CanaryError } from '../foundation/errors.js'
import { numberWithin, refuseUnknown } from '../foundation/options.js'
import { withMethods } from '../foundation/with-methods.js'
import { createEventSender } from './event-sender.js'
import { createSender } from './sender.js'
import { subscribe } from './subscribe.js'
import { resolveWebhook, type WebhookOptions } from './webhook-options.js'
import type { WebhookSource } from './webhook-source.js'

/** Sends the events of rollouts to another service. */
export interface Webhook {
  /** Sends the events of a rollout from now on; the returned function stops that. */
  attach(rollout: WebhookSource): () => void
  /** Number of waiting messages, including the one in progress. */
  readonly pending: number
  /** Number of messages that the receiver accepted. */
  readonly delivered: number
  /** Number of messages that the receiver did not accept. */
  readonly failed: number
  /** Number of messages that were never sent: the queue was full, or the time limit of `close()` passed. */
  readonly dropped: number
  /**
   * Detaches all rollouts, waits for the queued messages for at most `timeoutMs` (2 s), and drops the rest. Idempotent.
   * The process stays alive until this has settled.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
}

/**
 * Posts the events of a rollout, one message after another, with retries if they may help.
 * It never delays or fails a request: undelivered messages are counted, and reported as `WEBHOOK_FAILED` if the
 * rollout has `report`. A message about a step or the end of a rollout is stored with the rollout until it is
 * delivered: the next process with the same store sends it with the same id. An undelivered alert or decision is
 * stored with the next write, at the latest by `close()` of the rollout. An `internal-error` is about the process and
 * is lost when the process ends. Only a pending request keeps the process alive.
 *
 * With `secret`, every attempt is signed according to the Standard Webhooks specification; a receiver verifies it with
 * `verifyWebhook`. All attempts of a message have the same `webhook-id`. Each replica of a rollout sends its own
 * messages: attach the webhook in one replica if one message is enough.
 *
 * If `events` has `decision`, holds are left out unless `holds` is true: there is one every 15 s. An `internal-error`
 * about a webhook is never sent by a webhook.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`; `attach` throws `CLOSED` after `close()`
 * @example
 * const hook = webhook({ url: 'https://hooks.example/canary', secret: process.env.WEBHOOK_SECRET! })
 * hook.attach(canary)
 * process.once('SIGTERM', async () => {
 *   await canary.close()
 *   await hook.close()
 *   process.exit()
 * })
 */
export function webhook(options: WebhookOptions): Webhook {
  const settings = resolveWebhook(options)
  const sender = createSender(settings)
  const send = createEventSender(settings.endpoint.clock, sender)
  const attached = new Set<() => void>()
  let closing: Promise<void> | undefined

  return {
    attach(rollout) {
      if (closing) throw new CanaryError('CLOSED', 'attach: close() has been called; make a new webhook')
      withMethods('attach: rollout', rollout, ['on', 'status'])
      const unsubscribe = subscribe(rollout, settings, send)
      const detach = (): void => {
        attached.delete(detach)
        unsubscribe()
      }
      attached.add(detach)
      return detach
    },
    get pending() {
      return sender.pending
    },
    get delivered() {
      return sender.counts.delivered
    },
    get failed() {
      return sender.counts.failed
    },
    get dropped() {
      return sender.counts.dropped
    },
    async close(closeOptions = {}) {
      refuseUnknown('close', closeOptions, { timeoutMs: 1 })
      const timeoutMs = numberWithin('close: timeoutMs', closeOptions.timeoutMs ?? 2_000, 0, 600_000)
      for (const detach of [...attached]) detach()
      closing ??= sender.close(timeoutMs)
      return closing
    },
  }
}
