/** An object with unknown members, as JSON or YAML gives it. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Tells whether a value is an object with members. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The JSON value of a text, or `undefined` where it is none.
 * The parser's own error is dropped, since it would quote the text.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
