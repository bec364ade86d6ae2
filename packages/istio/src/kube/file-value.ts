import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { CanaryError, type Clock } from '@model-canary/core'
import { messageOf } from '@model-canary/foundation'

/** A text that may change, such as a token that is rotated. */
export interface Value {
  /** The text as it was last read. */
  readonly last: string
  read(): Promise<string>
  /** Marks the text as rejected, so that the next `read` reads it again. */
  refuse(): void
}

/** How long a text is kept before it is read again, in milliseconds. */
const FRESH_MS = 60_000

/** The largest file that is read, in bytes; tokens, certificates and configurations are smaller. */
const LARGEST_FILE = 4 * 1_024 * 1_024

/** Returns a text that never changes. */
export function fixedValue(text: string): Value {
  return { last: text, read: async () => text, refuse() {} }
}

/**
 * Returns the text of a file, which is read again at least once a minute and after `refuse`.
 * If the file cannot be read for a moment, for example while it is replaced, the previous text is kept, unless it was
 * rejected.
 *
 * @throws `KUBE_CONFIG` if the file cannot be read now
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

/** Reads the text of a file synchronously. @throws `KUBE_CONFIG` if it is unreadable, empty or too large */
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
    `${path} cannot be read (${messageOf(cause)}); check the path and its permissions`,
    {
      cause,
    },
  )
}
