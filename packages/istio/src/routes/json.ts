/** An external JSON object with unknown members. */
export type Json = Readonly<Record<string, unknown>>

/** Returns the value if it is a JSON object, and an empty object otherwise. */
export const membersOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

/** Returns the value if it is a JSON array, and an empty array otherwise. */
export const elementsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
