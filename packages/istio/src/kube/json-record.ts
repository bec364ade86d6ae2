/** An object with unknown members, parsed from JSON or YAML. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Whether a value is an object, and not an array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Parses a text as JSON; `undefined` if it is not valid.
 * The parser's error is dropped, because it would quote the text.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
