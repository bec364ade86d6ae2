import { quote } from './foreign-text.js'

/** Returns the message of a thrown value, shortened for use in another message. */
export function messageOf(cause: unknown): string {
  return quote(cause instanceof Error ? cause.message : String(cause), 200)
}
