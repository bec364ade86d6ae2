import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** A second client of ioredis or iovalkey, for messages alone. */
export interface EmitterListener {
  /** Begins to receive what is sent to a channel. */
  subscribe(channel: string): Promise<unknown>
  /** Ends that. */
  unsubscribe(channel: string): Promise<unknown>
  /** Calls back with every message of every channel. */
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
}

/** A second client of node-redis, for messages alone. */
export interface CallbackListener {
  /** Calls back with what is sent to a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Ends that. */
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>
}

/** A connected client that is used for messages alone. The store never closes it. */
export type RedisListener = EmitterListener | CallbackListener

/** A subscription to one channel. */
export interface Subscription {
  /** Subscribes unless that is done or under way. A failure is tried again by the next call. */
  ensure(): void
  /** Ends the subscription. */
  end(): void
}

/** Creates a subscription, which is not begun yet. @throws `INVALID_OPTION` */
export function subscriptionOf(
  listener: RedisListener,
  channel: string,
  hear: (message: string) => void,
): Subscription {
  const line = lineOf(listener, channel, hear)
  let isWanted = false
  return {
    ensure() {
      if (isWanted) return
      isWanted = true
      line.begin().catch(() => {
        isWanted = false
      })
    },
    end() {
      if (!isWanted) return
      isWanted = false
      line.end().catch(() => {})
    },
  }
}

/** How a channel is begun and ended with one kind of client. */
interface Line {
  begin(): Promise<unknown>
  end(): Promise<unknown>
}

function lineOf(listener: RedisListener, channel: string, hear: (message: string) => void): Line {
  const { subscribe, unsubscribe }: Partial<Record<keyof CallbackListener, unknown>> = listener ?? {}
  if (typeof subscribe !== 'function' || typeof unsubscribe !== 'function') {
    throw new CanaryError(
      'INVALID_OPTION',
      `listener must be a second connected client, such as client.duplicate(), got ${show(listener)}`,
    )
  }
  return isEmitter(listener) ? emitterLine(listener, channel, hear) : callbackLine(listener, channel, hear)
}

/** ioredis and iovalkey have `call`, and node-redis does not; each has `on`. */
const isEmitter = (listener: RedisListener): listener is EmitterListener => 'call' in listener

function callbackLine(listener: CallbackListener, channel: string, hear: (message: string) => void): Line {
  const onMessage = (message: string): void => hear(String(message))
  return {
    begin: async () => listener.subscribe(channel, onMessage),
    end: async () => listener.unsubscribe(channel, onMessage),
  }
}

/** What the stores of this process hear over each connection: it has one handler, and subscribes to a channel once. */
const boards = new WeakMap<EmitterListener, Map<string, Set<(message: string) => void>>>()

function emitterLine(listener: EmitterListener, channel: string, hear: (message: string) => void): Line {
  const board = boards.get(listener) ?? openBoard(listener)
  return {
    async begin() {
      const hearers = board.get(channel) ?? new Set()
      board.set(channel, hearers.add(hear))
      await listener.subscribe(channel)
    },
    async end() {
      const hearers = board.get(channel)
      hearers?.delete(hear)
      if (hearers?.size !== 0) return
      board.delete(channel)
      await listener.unsubscribe(channel)
    },
  }
}

function openBoard(listener: EmitterListener): Map<string, Set<(message: string) => void>> {
  const board = new Map<string, Set<(message: string) => void>>()
  boards.set(listener, board)
  listener.on('message', (channel, message) => {
    for (const hear of board.get(String(channel)) ?? []) hear(String(message))
  })
  return board
}
