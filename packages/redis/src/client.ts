import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** A client of ioredis 5 or 6, or of iovalkey. */
export interface CallClient {
  /** Sends one command, and resolves to its answer. */
  call(command: string, ...args: string[]): Promise<unknown>
}

/** A client of node-redis 6 or newer, or a pool of such clients. */
export interface SendCommandClient {
  /** Sends one command, and resolves to its answer. */
  sendCommand(args: string[], options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>
}

/** A connected client. The store never closes it. */
export type RedisClient = CallClient | SendCommandClient

/** Sends one command; may also throw. The signal takes it out of the client's queue, where the client is able to. */
export type Send = (words: readonly string[], signal: AbortSignal) => Promise<unknown>

/** Returns the function that sends a command with this client. @throws `INVALID_OPTION` */
export function senderOf(client: RedisClient): Send {
  const given: Partial<CallClient & SendCommandClient> = client ?? {}
  // ioredis has a sendCommand, too, which takes something else
  if (typeof given.call === 'function') {
    const { call } = given
    return (words) => call.apply(client, words as [string, ...string[]])
  }
  if (typeof given.sendCommand === 'function') {
    const { sendCommand } = given
    return (words, abortSignal) => sendCommand.call(client, [...words], { abortSignal })
  }
  throw new CanaryError(
    'INVALID_OPTION',
    `redisStore takes a client of ioredis, iovalkey or node-redis 6 first, such as new Redis(url), got ${show(client)}`,
  )
}
