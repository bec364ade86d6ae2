import { visibleLine } from './visible-text.js'

/** The most that is looked at of what was thrown, and shown of it, in UTF-16 units. */
const LONGEST = 300

/** Returns the message of a thrown value as one line of at most 300 characters. Never throws. */
export function messageOf(cause: unknown): string {
  return visibleLine(rawMessageOf(cause)).trim().slice(0, LONGEST)
}

/** The first line of what a thrown value says. Never throws. */
export function firstLineOf(cause: unknown): string {
  const [line = ''] = rawMessageOf(cause)
    .trim()
    .split(/[\r\n]/, 1)
  return visibleLine(line)
}

function rawMessageOf(cause: unknown): string {
  try {
    return String(cause instanceof Error ? cause.message : cause).slice(0, LONGEST)
  } catch {
    return 'something that cannot be shown'
  }
}

/** Behind these words our own sentences say what somebody else's code failed with. */
const FAILED = ' failed: '

/**
 * A sentence of ours without the words of somebody else's error: an error's text may hold addresses and secrets. The code
 * stays. `undefined` if the sentence holds none.
 */
export function withoutCause(text: string): string | undefined {
  const code = codeAt(text, 0)
  if (code !== undefined) return `failed with ${code}`
  const at = text.indexOf(FAILED)
  if (at < 0) return undefined
  const cause = codeAt(text, at + FAILED.length)
  return `${text.slice(0, at)} failed${cause === undefined ? '' : ` with ${cause}`}`
}

/** An error code in brackets, as every message of a `CanaryError` begins with. */
const CODE = /\[([A-Z][A-Z_]{2,39})\] /y

/** The code of a message that begins at a place in a text; `undefined` if none does. */
function codeAt(text: string, at: number): string | undefined {
  CODE.lastIndex = at
  return CODE.exec(text)?.[1]
}
