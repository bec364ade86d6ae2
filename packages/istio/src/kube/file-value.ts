import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { CanaryError, type Clock } from '@model-canary/core'
import { messageOf } from './message-of.js'

/** A text that may become another one, such as a token that is rotated. */
export interface Value {
  /** What was read last. */
  readonly last: string
  read(): Promise<string>
  /** Told that what was read is no longer good. */
  refuse(): void
}

/** How old what was read may be, in milliseconds. */
const FRESH_MS = 60_000

/** No token, certificate or configuration is larger, in bytes. */
const LARGEST_FILE = 4 * 1_024 * 1_024

/** A text that stays what it is. */
export function fixedValue(text: string): Value {
  return { last: text, read: async () => text, refuse() {} }
}

/**
 * The text of a file, read again at least once a minute and after a refusal.
 * A file that cannot be read for a moment, as while it is replaced, leaves the text before in force, unless that was refused.
 *
 * @throws `KUBE_CONFIG` where the file cannot be read now
 */
export function fileValue(path: string, clock: Clock): Value {
  let text = readNow(path)
  let readAt = clock.elapsed()
  let isRefused = false

  return {
    get last() {
      return text
    },
    async read() {
      if (!isRefused && clock.elapsed() - readAt < FRESH_MS) return text
      try {
        text = contentOf(path, await readFile(path, 'utf8'))
        readAt = clock.elapsed()
        isRefused = false
      } catch (cause) {
        if (isRefused) throw unreadable(path, cause)
      }
      return text
    },
    refuse() {
      isRefused = true
    },
  }
}

/** Reads the text of a file at once. @throws `KUBE_CONFIG` where it is unreadable, empty or too large */
export function readNow(path: string): string {
  try {
    if (statSync(path).size > LARGEST_FILE) throw new Error(`it is larger than ${LARGEST_FILE} bytes`)
    return contentOf(path, readFileSync(path, 'utf8'))
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

function contentOf(path: string, content: string): string {
  const text = content.trim()
  if (text === '') throw new Error(`${path} is empty`)
  return text
}

function unreadable(path: string, cause: unknown): CanaryError {
  return new CanaryError(
    'KUBE_CONFIG',
    `${path} cannot be read (${messageOf(cause)}); check the path and who may read it`,
    {
      cause,
    },
  )
}
