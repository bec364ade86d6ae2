import type { Label } from '../models/model.js'

/** A caller's question: a text, and its true class if the caller knows it. */
export interface Question {
  readonly text: string
  readonly label?: Label
}

/** The longest text that is accepted, in UTF-16 units. */
export const LONGEST_TEXT = 5_000

/** Reads a request's JSON body: a question, or a sentence that says what to send instead. */
export function readQuestion(body: unknown): Question | { readonly problem: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { problem: 'send a JSON object such as {"text": "I love it"}, with content-type application/json' }
  }
  const { text, label } = body as Record<string, unknown>
  if (text === undefined) return { problem: 'text is missing; send {"text": "I love it"}' }
  if (typeof text !== 'string') return { problem: `text must be a string, not ${nameOf(text)}` }
  if (text.trim() === '') return { problem: 'text is empty' }
  if (text.length > LONGEST_TEXT) {
    return { problem: `text has ${text.length} characters; at most ${LONGEST_TEXT} are taken` }
  }
  if (label === undefined) return { text }
  if (label === 'positive' || label === 'negative') return { text, label }
  return { problem: 'label must be "positive" or "negative", or be left out' }
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
