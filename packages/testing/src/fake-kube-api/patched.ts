import type { Call } from './call.js'
import { isObject } from './json.js'
import { jsonPatch } from './json-patch.js'
import { mergePatch } from './merge-patch.js'
import type { FakeObject } from './object.js'
import type { FakeResource } from './resource.js'
import { badRequest, type Outcome, unprocessable, unsupportedMediaType } from './status.js'

const JSON_PATCH = 'application/json-patch+json'

const MERGE_PATCH = 'application/merge-patch+json'

/** The type of a server-side apply. */
export const APPLY_PATCH = 'application/apply-patch+yaml'

const STRATEGIC = 'application/strategic-merge-patch+json'

/**
 * Returns an object after a patch. A server-side apply is handled elsewhere, because it may also create an object.
 * A strategic merge patch is treated as a merge patch. The two are the same if no list has a merge key.
 */
export function patched(current: FakeObject, { resource, contentType, body }: Call): Outcome<unknown> {
  const accepted = acceptedBy(resource)
  if (!accepted.includes(contentType)) return { refused: unsupportedMediaType(accepted) }
  if (contentType === JSON_PATCH) return afterOperations(current, body.content)
  if (!isObject(body.content)) return { refused: badRequest('Invalid JSON Patch') }
  return { value: mergePatch(current, body.content) }
}

/** Returns the types of patch that a resource takes. */
export function acceptedBy({ builtIn }: FakeResource): readonly string[] {
  return builtIn ? [JSON_PATCH, MERGE_PATCH, STRATEGIC, APPLY_PATCH] : [JSON_PATCH, MERGE_PATCH, APPLY_PATCH]
}

function afterOperations(current: FakeObject, operations: unknown): Outcome<unknown> {
  if (!Array.isArray(operations) || !operations.every(isObject)) {
    return { refused: badRequest('error decoding patch: a JSON patch is a list of operations') }
  }
  const outcome = jsonPatch(current, operations)
  return 'problem' in outcome ? { refused: unprocessable() } : outcome
}
