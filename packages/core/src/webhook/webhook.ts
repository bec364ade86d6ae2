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

/** What a webhook listens to: a canary, a controller, or any object with the same events. */
export interface WebhookSource {
  /** Calls the listener with every event of a type. */
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  /** Returns where the rollout stands now. */
  status(): MessageStatus
  /** Optional. Hands over messages that are stored until they are delivered. */
  deliverTo?(courier: Courier): () => void
  /** Optional. Called with the error of a message that was not delivered. */
  report?(error: CanaryError): void
}

/** Sends the events of rollouts to another service. */
export interface Webhook {
  /** Sends the events of a rollout from now on; the returned function stops that. */
  attach(rollout: WebhookSource): () => void
  /** Number of waiting messages, including the one in progress. */
  readonly pending: number
  /** Resolves once everything that is under way was delivered or given up. */
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
    report(
      new CanaryError(
        'WEBHOOK_FAILED',
        `the event "${type}" could not be converted to a message: ${messageOf(cause)}`,
        { cause },
      ),
    )
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

/** The types of messages that are stored with the rollout until they are delivered. */
const STORED = ['step', 'promoted', 'rolled-back', 'alert', 'decision'] as const

/** Leaves out holds, unless wanted, and errors about webhooks, whose messages would fail as well. */
function isWanted(event: CanaryEvents[WebhookEvent], holds: boolean): boolean {
  if ('action' in event) return holds || event.action !== 'hold'
  return !('error' in event && isCanaryError(event.error, 'WEBHOOK_FAILED'))
}

/** Returns a function that reports to a rollout and never throws. */
function reporterOf(rollout: WebhookSource): (error: CanaryError) => void {
  return (error) => {
    try {
      rollout.report?.(error)
    } catch {} // the error cannot be reported elsewhere
  }
}
