/** Whatever an object of somebody else's holds. */
export type Json = Readonly<Record<string, unknown>>

/** The members of a JSON object; none where it is something else. */
export const membersOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

/** The elements of a JSON array; none where it is something else. */
export const elementsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
