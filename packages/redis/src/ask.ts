import { randomUUID } from 'node:crypto'
import { CanaryError } from '@model-canary/core'
import { messageOf } from '@model-canary/foundation'
import type { Send } from './client.js'
import { failedCommand } from './failure.js'
import type { Script, ScriptText } from './scripts/script.js'

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

  const run = async ({ script, keys, args }: Call, nonce: string, signal: AbortSignal): Promise<unknown> => {
    const rest = [`${keys.length}`, ...keys, nonce, ...args]
    const load = async ({ text, sha }: ScriptText): Promise<unknown> => {
      try {
        return await sent(['EVALSHA', sha, ...rest], signal)
      } catch (error) {
        if (signal.aborted || !messageOf(error).startsWith('NOSCRIPT')) throw error
        return sent(['EVAL', text, ...rest], signal)
      }
    }
    if (!knowsFlags) return load(script.withoutFlags)
    try {
      return await load(script.text)
    } catch (error) {
      if (signal.aborted || !/compil/i.test(messageOf(error))) throw error
      knowsFlags = false // Redis 6: the first line of the script is a syntax error there
      return load(script.withoutFlags)
    }
  }

  return {
    async ask(call, signal) {
      if (signal.aborted) throw unanswered(signal)
      if (call.isPoll && late >= MOST_LATE && ++late % MOST_LATE !== 0) throw unanswered()
      const nonce = `${origin}.${(++calls).toString(36)}`
      const answer = await unlessLate(run(call, nonce, signal), signal, () => void (late += 1))
      const words = Array.isArray(answer) ? answer.map((word) => String(word ?? '')) : []
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
async function unlessLate(answer: Promise<unknown>, signal: AbortSignal, onLate: () => void): Promise<unknown> {
  let stop = (): void => {}
  const late = new Promise<never>((_, reject) => {
    stop = () => {
      onLate()
      reject(unanswered(signal))
    }
    signal.addEventListener('abort', stop)
  })
  const known = answer.catch((cause: unknown) => {
    throw failedCommand(cause)
  })
  try {
    return await Promise.race([late, known])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Returns the error of a call whose signal is aborted or, without one, of a call that is not sent. */
function unanswered(signal?: AbortSignal): CanaryError {
  if (signal !== undefined)
    return new CanaryError('REDIS_UNANSWERED', 'Redis did not answer in time', { cause: signal.reason })
  return new CanaryError('REDIS_UNANSWERED', 'Redis did not answer earlier calls; this one was not sent')
}
