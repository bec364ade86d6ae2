import type { Courier } from '../controller/couriers.js'
import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { numberWithin, refuseUnknown, withMethods } from '../foundation/options.js'
import type { Listener } from '../runtime/emitter.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { MessageStatus, WebhookEvent } from './message.js'
import { createSender } from './sender.js'
import { toMessage } from './to-message.js'
import { resolveWebhook, type WebhookOptions } from './webhook-options.js'

/** What a webhook listens to: a canary, a controller, or anything that has their events. */
export interface WebhookSource {
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  status(): MessageStatus
  /** Hands over what is stored until it is delivered, where it is there. */
  deliverTo?(courier: Courier): () => void
  /** Told of what could not be delivered, where it is there. */
  report?(error: CanaryError): void
}

/** Tells another service what happens to rollouts. */
export interface Webhook {
  /** Sends what happens to a rollout from now on; the returned function ends that. */
  attach(rollout: WebhookSource): () => void
  /** Messages that wait, and the one under way. */
  readonly pending: number
  readonly delivered: number
  /** Messages that the receiver did not take. */
  readonly failed: number
  /** Messages that were never tried: the queue was full, or time was up at `close()`. */
  readonly dropped: number
  /**
   * Ends every attachment, waits for what is queued, at most `timeoutMs` (2 s), and gives up the rest. Idempotent.
   * Whoever awaits this keeps the process alive until then.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
}

/**
 * Posts what happens to a rollout, one message after another, again where that may help.
 * Serving is never delayed, and nothing here fails it: what was not delivered is counted, and reported as
 * `WEBHOOK_FAILED` where the rollout has `report`. What tells of a step or an end is stored with the
 * rollout until it is delivered, with the same id: the next process over the same store sends what this one could not.
 * An alert or a decision that is not delivered is stored with the next write, at the latest by `close()` of the rollout.
 * An `internal-error` is about the process, and is lost with it. Only a request under way keeps the process alive.
 *
 * With `secret` every try is signed as the Standard Webhooks specification says; a receiver checks it with
 * `verifyWebhook`. Every try of a message has the same `webhook-id`. Each replica that shares a rollout sends its own
 * messages about it: attach where one is enough.
 *
 * With `decision` among the events, holds are left out unless `holds` is true: there is one every 15 s. An
 * `internal-error` about a webhook is never sent by one.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`; `attach` throws `CLOSED` after `close()`
 * @example
 * const hook = webhook({ url: 'https://hooks.example/canary', secret: process.env.WEBHOOK_SECRET! })
 * hook.attach(canary)
 * process.once('SIGTERM', () => canary.close().then(() => hook.close()))
 */
export function webhook(options: WebhookOptions): Webhook {
  const settings = resolveWebhook(options)
  const { clock } = settings.endpoint
  const sender = createSender(settings)
  const attached = new Set<() => void>()
  let closing: Promise<void> | undefined
  let count = 0

  const lose = (type: WebhookEvent, cause: unknown, report: (error: CanaryError) => void): void => {
    sender.lost()
    report(new CanaryError('WEBHOOK_FAILED', `no message could be made of "${type}": ${messageOf(cause)}`, { cause }))
  }

  const listener =
    (rollout: WebhookSource, type: WebhookEvent) =>
    (event: CanaryEvents[WebhookEvent]): void => {
      if (!isWanted(event, settings.holds)) return
      count += 1
      const report = reporterOf(rollout)
      try {
        const message = toMessage({ type, event, status: rollout.status(), toldAt: clock.now(), count })
        sender.send({ message, report })
      } catch (cause) {
        lose(type, cause, report)
      }
    }

  const courier = (rollout: WebhookSource): Courier => ({
    key: settings.key,
    types: STORED.filter((type) => settings.events.includes(type)),
    wants: ({ event }) => isWanted(event, settings.holds),
    deliver: ({ type, event }, owed) =>
      new Promise((onDone) => {
        const report = reporterOf(rollout)
        count += 1
        try {
          const status = { ...rollout.status(), ...owed }
          const kept = owed && { owedAs: owed.id }
          const message = toMessage({ type, event, status, toldAt: owed?.at ?? clock.now(), count, ...kept })
          sender.send({ message, report, onDone })
        } catch (cause) {
          lose(type, cause, report)
          onDone(true)
        }
      }),
  })

  return {
    attach(rollout) {
      if (closing) throw new CanaryError('CLOSED', 'attach: close() has been called; make a new webhook')
      withMethods('attach: rollout', rollout, ['on', 'status'])
      const isHanded = (type: WebhookEvent): boolean =>
        rollout.deliverTo !== undefined && STORED.some((stored) => stored === type)
      const heard = settings.events.filter((type) => !isHanded(type))
      const offs = heard.map((type) => rollout.on(type, listener(rollout, type)))
      if (rollout.deliverTo) offs.push(rollout.deliverTo(courier(rollout)))
      const detach = (): void => {
        attached.delete(detach)
        for (const off of offs.splice(0)) off()
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

/** What is stored with the rollout until it is delivered. */
const STORED = ['step', 'promoted', 'rolled-back', 'alert', 'decision'] as const

/** A hold is news to nobody; and what says that a webhook failed would fail in its turn. */
function isWanted(event: CanaryEvents[WebhookEvent], holds: boolean): boolean {
  if ('action' in event) return holds || event.action !== 'hold'
  return !('error' in event && isCanaryError(event.error, 'WEBHOOK_FAILED'))
}

/** Reports to a rollout whatever its `report` does. */
function reporterOf(rollout: WebhookSource): (error: CanaryError) => void {
  return (error) => {
    try {
      rollout.report?.(error)
    } catch {} // there is nobody left to tell
  }
}
