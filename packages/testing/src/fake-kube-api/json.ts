/** An object as it came out of JSON. */
export type JsonObject = { readonly [member: string]: unknown }

/** Tells whether a value is an object of JSON: no list, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member itself if it is an object, else an empty one. */
export function objectAt(parent: JsonObject, member: string): JsonObject {
  const value = Object.hasOwn(parent, member) ? parent[member] : undefined
  return isObject(value) ? value : {}
}

/** An object without some of its members. */
export function without(object: JsonObject, ...members: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([member]) => !members.includes(member)))
}

/** A copy that somebody else may keep and change. */
export function copyOf<Value>(value: Value): Value {
  return structuredClone(value)
}
