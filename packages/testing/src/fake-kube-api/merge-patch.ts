import { isObject } from './json.js'

/**
 * Returns a document after a merge patch: members are merged, null removes a member, and other values and lists are
 * replaced.
 *
 * RFC 7396, section 2.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const members = new Map(isObject(target) ? Object.entries(target) : []) // a map, so that `__proto__` is a name
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name)
    else members.set(name, mergePatch(members.get(name), value))
  }
  return Object.fromEntries(members)
}
