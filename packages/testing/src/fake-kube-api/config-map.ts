import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from './json.js'
import { objectAt } from './json.js'
import type { FakeResource } from './resource.js'
import type { FieldCause } from './schema.js'

/** The maximum total size of the values of a ConfigMap, in bytes. */
const MOST_BYTES = 1_048_576

/** Returns why a ConfigMap cannot be stored or changed; nothing for other kinds. */
export function configMapCauses(
  { group, kind }: FakeResource,
  next: JsonObject,
  before: JsonObject | undefined,
): readonly FieldCause[] {
  if (group !== '' || kind !== 'ConfigMap') return []
  return [...tooLong(next), ...frozen(next, before)]
}

function tooLong(next: JsonObject): readonly FieldCause[] {
  const values = [...Object.values(objectAt(next, 'data')), ...Object.values(objectAt(next, 'binaryData'))]
  const bytes = values.reduce((sum: number, value) => sum + Buffer.byteLength(String(value)), 0)
  if (bytes <= MOST_BYTES) return []
  const message = `Too long: may not be more than ${MOST_BYTES} bytes`
  return [{ reason: 'FieldValueTooLong', message, field: '[]' }]
}

function frozen(next: JsonObject, before: JsonObject | undefined): readonly FieldCause[] {
  if (before?.immutable !== true) return []
  const message = 'Forbidden: field is immutable when `immutable` is set'
  const forbidden = (field: string): FieldCause => ({ reason: 'FieldValueForbidden', message, field })
  const changed = ['data', 'binaryData'].filter(
    (member) => !isDeepStrictEqual(objectAt(next, member), objectAt(before, member)),
  )
  return [...(next.immutable === true ? [] : [forbidden('immutable')]), ...changed.map(forbidden)]
}
