import { withoutCause } from '../../foundation/message-of.js'
import type { Decision } from '../../rollout/decision.js'
import type { NewsEvents } from '../../rollout/news.js'
import type { Status } from '../../rollout/status.js'
import { type EventCursor, eventIdOf } from './event-cursor.js'
import { publicDecision, publicStatus } from './public-status.js'
import { shown } from './route-answer.js'

/** Keeps a connection open through proxies that close silent ones. */
export const HEARTBEAT = ':\n\n'

/** Tells a client how long to wait before it connects again, in milliseconds. */
export const RECONNECT = 'retry: 2000\n\n'

/**
 * Writes events as text, as server-sent events have it. The id of each is the latest decision that the client has got
 * with it.
 */
export interface EventWriter {
  /** The status with its explanation, as `GET /status` returns it. */
  status(status: Status, explain: (status: Status) => string, cursor: EventCursor): string
  /** A decision, as `GET /history` returns it. */
  decision(decision: Decision): string
  /** Something that a person should look at, in the process that answers. */
  alert(alert: NewsEvents['alert'], cursor: EventCursor): string
  /** The history no longer leads back to what the client has seen: it has to read everything again. */
  reset(cursor: EventCursor): string
}

/** Creates a writer for clients that may see the words of other people's errors, or for all others. */
export function createEventWriter(isTrusted: boolean): EventWriter {
  const written = new WeakMap<Decision, string>()
  return {
    status(status, explain, cursor) {
      const told = isTrusted ? status : publicStatus(status)
      return eventText('status', { ...told, explanation: explain(told) }, cursor)
    },
    decision(decision) {
      const known = written.get(decision)
      if (known !== undefined) return known
      const text = eventText('decision', isTrusted ? decision : publicDecision(decision), decision)
      written.set(decision, text)
      return text
    },
    alert(alert, cursor) {
      const message = isTrusted ? alert.message : (withoutCause(alert.message) ?? alert.message)
      return eventText('alert', { ...alert, message }, cursor)
    },
    reset: (cursor) => eventText('reset', {}, cursor),
  }
}

const eventText = (name: string, data: object, cursor: EventCursor): string =>
  `id: ${eventIdOf(cursor)}\nevent: ${name}\ndata: ${JSON.stringify(shown(data))}\n\n`
