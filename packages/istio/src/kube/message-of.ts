import { quote } from './foreign-text.js'

/** What a thrown value says, short enough for a message. */
export function messageOf(cause: unknown): string {
  return quote(cause instanceof Error ? cause.message : String(cause), 200)
}
