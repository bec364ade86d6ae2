import { randomUUID } from 'node:crypto'
import { CanaryError } from '@model-canary/core'
import { messageOf } from '@model-canary/foundation'
import type { Send } from './client.js'
import { failedCommand } from './failure.js'
import type { Script } from './scripts/script.js'

/** One run of a script. */
export interface Call {
  readonly script: Script
  readonly keys: readonly string[]
  /** The arguments after the nonce. */
  readonly args: readonly string[]
  /** True if a later call says the same: it is left out while the client does not answer. */
  readonly isPoll?: boolean
}

/** Runs scripts on the server. */
export interface Asker {
  /**
   * Resolves to the answer without its nonce. Rejects when the signal is aborted, also if the client never answers.
   *
   * @throws `REDIS_FAILED`, `REDIS_UNANSWERED`, `REDIS_MISROUTED`
   */
  ask(call: Call, signal: AbortSignal): Promise<readonly string[]>
  /** Sends one command, and ignores its answer. */
  tell(words: readonly string[], signal: AbortSignal): void
  /** How many answers belonged to another call. */
  misrouted(): number
}

/** How many calls may be late before most polls are left out: a client may keep all of them, and send them later. */
const MOST_LATE = 16

/** Creates the part that runs scripts. */
export function createAsker(send: Send): Asker {
  const origin = randomUUID().slice(-12)
  let calls = 0
  let late = 0
  let misrouted = 0
  let knowsFlags = true

  /** Sends a command. Any answer shows that the client works. */
  const sent = async (words: readonly string[], signal: AbortSignal): Promise<unknown> => {
    try {
      return await send(words, signal)
    } finally {
      late = 0
    }
  }

  /** Runs a script: by its hash, and in full where the server does not know it. */
  const run = async ({ script, keys, args }: Call, nonce: string, signal: AbortSignal): Promise<unknown> => {
    const rest = [`${keys.length}`, ...keys, nonce, ...args]
    for (let inFull = false; ; ) {
      const hasFlags = knowsFlags
      const { text, sha } = hasFlags ? script.text : script.withoutFlags
      try {
        return await sent(inFull ? ['EVAL', text, ...rest] : ['EVALSHA', sha, ...rest], signal)
      } catch (error) {
        const message = messageOf(error)
        const isTooNew = hasFlags && /compil/i.test(message) // Redis 6 takes the first line for a syntax error
        if (isTooNew) knowsFlags = false
        inFull = !(inFull || isTooNew) && message.startsWith('NOSCRIPT')
        if (signal.aborted || !(inFull || isTooNew)) throw error
      }
    }
  }

  return {
    async ask(call, signal) {
      if (signal.aborted) throw unanswered(signal)
      if (call.isPoll && late >= MOST_LATE && ++late % MOST_LATE !== 0) throw unanswered()
      const nonce = `${origin}.${(++calls).toString(36)}`
      const answer = await unlessLate(run(call, nonce, signal), signal, () => void (late += 1))
      const words = Array.isArray(answer) ? answer.map((word) => String(word ?? '')) : String(answer).split(' ')
      if (words[0] === nonce) return words.slice(1)
      misrouted += 1
      throw new CanaryError(
        'REDIS_MISROUTED',
        `an answer of Redis belongs to another call (${misrouted} so far); reconnect the client, and update it`,
      )
    },
    tell(words, signal) {
      sent(words, signal).catch(() => {}) // what it says is written, too
    },
    misrouted: () => misrouted,
  }
}

/** Waits for an answer until the signal is aborted. An answer that comes later is ignored. */
function unlessLate(answer: Promise<unknown>, signal: AbortSignal, onLate: () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      onLate()
      reject(unanswered(signal))
    }
    const stops = stopsOf(signal)
    stops.add(stop)
    answer.then(
      (words) => {
        stops.delete(stop)
        resolve(words)
      },
      (cause: unknown) => {
        stops.delete(stop)
        reject(failedCommand(cause))
      },
    )
  })
}

/** What ends when a signal is aborted. */
const stopsBySignal = new WeakMap<AbortSignal, Set<() => void>>()

/** Each signal has one listener, which stays: removing it takes a tenth of the time of a report. */
function stopsOf(signal: AbortSignal): Set<() => void> {
  const known = stopsBySignal.get(signal)
  if (known !== undefined) return known
  const stops = new Set<() => void>()
  stopsBySignal.set(signal, stops)
  signal.addEventListener('abort', () => {
    for (const stop of stops) stop()
  })
  return stops
}

/** Returns the error of a call whose signal is aborted or, without one, of a call that is not sent. */
function unanswered(signal?: AbortSignal): CanaryError {
  if (signal !== undefined)
    return new CanaryError('REDIS_UNANSWERED', 'Redis did not answer in time', { cause: signal.reason })
  return new CanaryError('REDIS_UNANSWERED', 'Redis did not answer earlier calls; this one was not sent')
}
