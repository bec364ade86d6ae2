import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import type { Clock } from '../runtime/clock.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { WebhookEvent } from './message.js'
import type { Sender } from './sender.js'
import { toMessage } from './to-message.js'
import type { WebhookSource } from './webhook-source.js'

/** An event of a rollout, with its message as it is stored, if it is. */
export interface TypedEvent {
  readonly type: WebhookEvent
  readonly event: CanaryEvents[WebhookEvent]
  readonly owed?: OwedMessage | undefined
}

/**
 * Converts an event to a message and queues it. Never throws: if the event cannot be converted, that is counted and
 * reported to the rollout. `onDone` is called with true if the message was accepted or cannot be sent at all.
 */
export type SendEvent = (rollout: WebhookSource, event: TypedEvent, onDone?: (isDone: boolean) => void) => void

/** Creates a function that sends events. It numbers them, so that equal events have messages of different ids. */
export function createEventSender(clock: Clock, sender: Sender): SendEvent {
  let count = 0
  return (rollout, { type, event, owed }, onDone) => {
    const report = reporterOf(rollout)
    count += 1
    try {
      const status = owed === undefined ? rollout.status() : { ...rollout.status(), ...owed }
      const stored = owed && { owedAs: owed.id }
      const message = toMessage({ type, event, status, toldAt: owed?.at ?? clock.now(), count, ...stored })
      sender.send({ message, report, ...(onDone && { onDone }) })
    } catch (cause) {
      sender.lost()
      const why = `the event "${type}" could not be converted to a message: ${messageOf(cause)}`
      report(new CanaryError('WEBHOOK_FAILED', why, { cause }))
      onDone?.(true)
    }
  }
}

/** Returns a function that reports to a rollout and never throws. */
function reporterOf(rollout: WebhookSource): (error: CanaryError) => void {
  return (error) => {
    try {
      rollout.report?.(error)
    } catch {} // the error cannot be reported elsewhere
  }
}
