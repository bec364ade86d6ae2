import { withoutCredentials } from './credentials.js'
import { visibleLine } from './visible-text.js'

/** How much of a thrown value's message is shown at most, in UTF-16 units. */
const LONGEST = 300

/** How much of it is read at most, in UTF-16 units. */
const LONGEST_READ = 4_000

/** Returns the message of a thrown value as one line of at most 300 characters. Never throws. */
export function messageOf(cause: unknown): string {
  return visibleLine(rawMessageOf(cause)).trim().slice(0, LONGEST)
}

/** Returns the first line of the message of a thrown value. Never throws. */
export function firstLineOf(cause: unknown): string {
  const [line = ''] = rawMessageOf(cause)
    .trim()
    .split(/[\r\n]/, 1)
  return visibleLine(line)
}

function rawMessageOf(cause: unknown): string {
  try {
    const text = String(cause instanceof Error ? cause.message : cause)
    const read = text.length > LONGEST_READ ? withoutCutUrl(text.slice(0, LONGEST_READ)) : text
    return withoutCredentials(read).slice(0, LONGEST)
  } catch {
    return 'something that cannot be shown'
  }
}

/** Returns the beginning of a text without a URL at its end: a password may have been cut off in it. */
const withoutCutUrl = (text: string): string => text.replace(/\/\/[^\s/]*$/, '//…')

/** In our own sentences, these words precede the message of other code's error. */
const FAILED = ' failed: '

/**
 * Returns one of our sentences without another error's text, which may contain addresses and secrets. The code
 * is kept. `undefined` if the sentence contains no such text.
 */
export function withoutCause(text: string): string | undefined {
  const code = codeAt(text, 0)
  if (code !== undefined) return `failed with ${code}`
  const at = text.indexOf(FAILED)
  if (at < 0) return undefined
  const cause = codeAt(text, at + FAILED.length)
  return `${text.slice(0, at)} failed${cause === undefined ? '' : ` with ${cause}`}`
}

/** An error code in brackets, as at the start of every `CanaryError` message. */
const CODE = /\[([A-Z][A-Z_]{2,39})\] /y

/** Returns the code of a message that begins at a position in a text; `undefined` if none does. */
function codeAt(text: string, at: number): string | undefined {
  CODE.lastIndex = at
  return CODE.exec(text)?.[1]
}
