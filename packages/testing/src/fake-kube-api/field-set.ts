import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject, objectAt } from './json.js'

/**
 * The path of a field: names of members, from the object down. A list is one field, as in the resources served here.
 */
export type FieldPath = readonly string[]

/** Fields by their paths. */
export type FieldSet = ReadonlyMap<string, FieldPath>

/** The members without owners: they identify the object, or the server writes them. */
const UNOWNED = ['apiVersion', 'kind', 'status', 'metadata']

/** The members of metadata that have owners. */
const OWNED_METADATA = ['annotations', 'labels', 'finalizers']

/** Returns the fields that an object sets, each with its full path. */
export function fieldsOf(object: JsonObject): FieldSet {
  const fields = new Map<string, FieldPath>()
  const walk = (value: unknown, path: FieldPath): void => {
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [member, inner] of Object.entries(value)) walk(inner, [...path, member])
      return
    }
    fields.set(keyOf(path), path)
  }
  for (const [member, value] of Object.entries(object)) if (!UNOWNED.includes(member)) walk(value, [member])
  const metadata = objectAt(object, 'metadata')
  for (const member of OWNED_METADATA) if (metadata[member] !== undefined) walk(metadata[member], ['metadata', member])
  return fields
}

/** Returns the value at a path; `undefined` if there is none. */
export function valueAt(object: JsonObject, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (value, member) => (isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined),
    object,
  )
}

/** Returns the fields whose values differ between two objects. */
export function changedFields(before: JsonObject, after: JsonObject): FieldSet {
  const all = [...fieldsOf(before), ...fieldsOf(after)]
  return new Map(all.filter(([, path]) => !isDeepStrictEqual(valueAt(before, path), valueAt(after, path))))
}

/** Returns an object with another value at a path, or without the member if the value is `undefined`. */
export function withValue(object: JsonObject, [member, ...rest]: FieldPath, value: unknown): JsonObject {
  if (member === undefined) return object
  const members = new Map(Object.entries(object))
  const inner = rest.length === 0 ? value : withValue(objectAt(object, member), rest, value)
  if (inner === undefined) members.delete(member)
  else members.set(member, inner)
  return Object.fromEntries(members)
}

/** Returns whether one of two paths is equal to the other or a prefix of it. */
export function overlap(one: FieldPath, other: FieldPath): boolean {
  return Array.from({ length: Math.min(one.length, other.length) }, (_, at) => one[at] === other[at]).every(Boolean)
}

/** Returns a path as a string, to compare it with others. */
export const keyOf = (path: FieldPath): string => JSON.stringify(path)

/** Returns fields as in a Status and in `managedFields`: `f:` before each name. */
export function toFieldsV1(fields: FieldSet): JsonObject {
  let tree: JsonObject = {}
  for (const path of fields.values())
    tree = withValue(
      tree,
      path.map((member) => `f:${member}`),
      {},
    )
  return tree
}

/** Reads fields from this form. */
export function fromFieldsV1(tree: JsonObject): FieldSet {
  const fields = new Map<string, FieldPath>()
  const walk = (node: JsonObject, path: FieldPath): void => {
    const entries = Object.entries(node)
    if (entries.length === 0 && path.length > 0) fields.set(keyOf(path), path)
    for (const [name, inner] of entries) walk(isObject(inner) ? inner : {}, [...path, name.replace(/^f:/, '')])
  }
  walk(tree, [])
  return fields
}
