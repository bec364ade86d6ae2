import { visible } from '@model-canary/foundation'

/** Escapes control characters except line breaks: a terminal would obey them. */
export const safeLines = (text: string): string => text.split('\n').map(visible).join('\n')

/**
 * Returns plain data as JSON, in which no character has an effect on a terminal. The escapes are those of JSON, so that
 * a parser returns the same data.
 */
export const safeJson = (value: unknown, indent?: number): string => safeLines(JSON.stringify(value, null, indent))

/** Returns plain data in which every text and every name shows its control characters. */
export function safeData(value: unknown): unknown {
  if (typeof value === 'string') return visible(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(safeData)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [visible(name), safeData(member)]))
}
