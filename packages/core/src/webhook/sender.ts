import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { deliver, mayPassLater } from './deliver.js'
import { encode } from './encode.js'
import type { WebhookMessage } from './message.js'
import { createQueue } from './queue.js'
import type { ResolvedWebhook } from './webhook-options.js'

/** A message, and the callbacks for its delivery. */
export interface Dispatch {
  readonly message: WebhookMessage
  /** Must not throw. */
  readonly report: (error: CanaryError) => void
  /** Called once: true if the message was accepted or refused for good, false to retry later. Must not throw. */
  readonly onDone?: (isDone: boolean) => void
}

/** Sends one message after another. */
export interface Sender {
  /** Queues a message; returns immediately. */
  send(dispatch: Dispatch): void
  /** Counts a message that could not be created. */
  lost(): void
  /** Number of waiting messages, including the one in progress. */
  readonly pending: number
  readonly counts: { readonly delivered: number; readonly failed: number; readonly dropped: number }
  /** Waits for the queued messages for at most `timeoutMs`, then gives up the rest. */
  close(timeoutMs: number): Promise<void>
}

/** Creates an idle sender. */
export function createSender(settings: ResolvedWebhook): Sender {
  const { endpoint, queueSize } = settings
  const queue = createQueue<Dispatch>(queueSize, ({ message }) => !tellsOfAnEnd(message))
  const counts = { delivered: 0, failed: 0, dropped: 0 }
  const cutOff = new AbortController()
  let sending: Promise<void> | undefined
  let underWay = 0

  const drop = ({ message, report, onDone }: Dispatch, why: string): void => {
    counts.dropped += 1
    report(new CanaryError('WEBHOOK_FAILED', `a message of "${message.type}" was dropped: ${why}`))
    onDone?.(false)
  }

  const sendAll = async (): Promise<void> => {
    await undefined // the code that emitted the event goes on first
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      underWay = 1
      const error = await sendOne(settings, next.message, cutOff.signal)
      underWay = 0
      if (error === undefined) counts.delivered += 1
      else counts.failed += 1
      if (error !== undefined) next.report(error)
      next.onDone?.(error === undefined || !mayPassLater(error))
    }
    sending = undefined
  }

  const giveUp = (): void => {
    for (const dispatch of queue.clear()) drop(dispatch, 'close() was called, and its time limit has passed')
    cutOff.abort()
  }

  return {
    send(dispatch) {
      const gone = queue.push(dispatch)
      if (gone) drop(gone, `the queue is full with ${queueSize} messages; check the receiver, or raise queueSize`)
      sending ??= sendAll()
    },
    lost() {
      counts.failed += 1
    },
    get pending() {
      return queue.size + underWay
    },
    counts,
    async close(timeoutMs) {
      const cancel = endpoint.clock.schedule(timeoutMs, giveUp, { keepAlive: true })
      await sending
      cancel()
      cutOff.abort()
    },
  }
}

const tellsOfAnEnd = ({ type }: WebhookMessage): boolean => type === 'promoted' || type === 'rolled-back'

/** Encodes and delivers one message. Resolves to `undefined` on success, otherwise to the error. */
async function sendOne(
  { endpoint, format, retries, random }: ResolvedWebhook,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<CanaryError | undefined> {
  try {
    return await deliver(endpoint, { id: message.id, body: encode(message, format) }, { retries, random, signal })
  } catch (cause) {
    if (isCanaryError(cause, 'WEBHOOK_FAILED')) return cause
    return new CanaryError('WEBHOOK_FAILED', `"${message.type}" could not be sent: ${messageOf(cause)}`, { cause })
  }
}
