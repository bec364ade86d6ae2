/** An object read from JSON. */
export type JsonObject = { readonly [member: string]: unknown }

/** Returns whether a value is a JSON object: not a list, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the member if it is an object, otherwise an empty one. */
export function objectAt(parent: JsonObject, member: string): JsonObject {
  const value = Object.hasOwn(parent, member) ? parent[member] : undefined
  return isObject(value) ? value : {}
}

/** Returns an object without some of its members. */
export function without(object: JsonObject, ...members: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([member]) => !members.includes(member)))
}

/** Returns a copy that the receiver may keep and change. */
export function copyOf<Value>(value: Value): Value {
  return structuredClone(value)
}
