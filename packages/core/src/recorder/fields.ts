/** The fields of an object that a user gave; reading any of them may throw. */
export type Fields = Readonly<Record<string, unknown>>

/** Stands for a field that threw when it was read; no check accepts it. */
export const UNREADABLE = Symbol('unreadable')

/** Returns a field, or {@link UNREADABLE} if reading it throws. */
export function fieldOf(object: Fields, name: string): unknown {
  try {
    return object[name]
  } catch {
    return UNREADABLE
  }
}

/** Returns a copy with the given fields, for an object of which some are unreadable. */
export function legible(object: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fieldOf(object, name)]))
}
