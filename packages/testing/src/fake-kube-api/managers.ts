import { isDeepStrictEqual } from 'node:util'
import {
  changedFields,
  type FieldPath,
  type FieldSet,
  fieldsOf,
  fromFieldsV1,
  overlap,
  toFieldsV1,
  valueAt,
  withValue,
} from './field-set.js'
import { type JsonObject, objectAt } from './json.js'
import type { FakeObject, ManagedFields } from './object.js'
import type { FieldCause } from './schema.js'
import { applyConflict, type Outcome } from './status.js'

/** Who writes, and when. */
export interface Writer {
  readonly manager: string
  readonly apiVersion: string
  readonly time: string
}

/** The result of an apply. */
export interface Applied {
  readonly object: JsonObject
  readonly managers: readonly ManagedFields[]
}

/**
 * Returns the owners of an object's fields after a write that is not an apply: changed fields belong to the writer
 * only.
 */
export function managersAfter(
  before: FakeObject | undefined,
  after: FakeObject,
  writer: Writer,
): readonly ManagedFields[] | undefined {
  const present = before?.metadata.managedFields
  const changed = changedFields(before ?? {}, after)
  if (changed.size === 0) return present
  const others = (present ?? []).filter((entry) => !isOf(entry, writer, 'Update'))
  const own = present?.find((entry) => isOf(entry, writer, 'Update'))
  const set = new Map([...fieldsIn(own), ...changed].filter(([, path]) => valueAt(after, path) !== undefined))
  return [...others.flatMap((entry) => lessened(entry, [...changed.values()])), ...entryOf(writer, 'Update', set)]
}

/** Returns an object after an apply, or whose fields it conflicts with. */
export function applied(current: FakeObject, config: JsonObject, writer: Writer, isForced: boolean): Outcome<Applied> {
  const present = current.metadata.managedFields ?? []
  const own = present.find((entry) => isOf(entry, writer, 'Apply'))
  const others = present.filter((entry) => entry !== own)
  const set = fieldsOf(config)
  const contested = others.map((entry) => ({ entry, paths: contestedBy(entry, set, current, config) }))
  const causes = contested.flatMap(({ entry, paths }) => paths.map((path) => conflictWith(entry, path)))
  if (causes.length > 0 && !isForced) return { refused: applyConflict(causes) }

  const isOwned = (path: FieldPath) =>
    others.some((entry) => [...fieldsIn(entry).values()].some((other) => overlap(other, path)))
  let next: JsonObject = current
  for (const [key, path] of fieldsIn(own)) {
    if (!set.has(key) && !isOwned(path)) next = withValue(next, path, undefined)
  }
  for (const path of set.values()) next = withValue(next, path, valueAt(config, path))
  const kept = contested.flatMap(({ entry, paths }) => lessened(entry, paths))
  const entries = entryOf(writer, 'Apply', set)
  const isSame = own !== undefined && isDeepStrictEqual(entries[0]?.fieldsV1, own.fieldsV1)
  const { resourceVersion = current.metadata.resourceVersion } = objectAt(config, 'metadata')
  const object = { ...next, metadata: { ...objectAt(next, 'metadata'), resourceVersion } }
  return { value: { object, managers: [...kept, ...(isSame ? [own] : entries)] } }
}

function contestedBy(entry: ManagedFields, set: FieldSet, current: JsonObject, config: JsonObject): FieldPath[] {
  const theirs = [...fieldsIn(entry).values()]
  return [...set.values()].filter(
    (path) =>
      theirs.some((other) => overlap(other, path)) && !isDeepStrictEqual(valueAt(current, path), valueAt(config, path)),
  )
}

function conflictWith({ manager, apiVersion }: ManagedFields, path: FieldPath): FieldCause {
  const message = `conflict with ${JSON.stringify(manager)} using ${apiVersion}`
  return { reason: 'FieldManagerConflict', message, field: `.${path.join('.')}` }
}

/** Returns an entry without the fields that another manager has taken; none if no field is left. */
function lessened(entry: ManagedFields, taken: readonly FieldPath[]): readonly ManagedFields[] {
  const fields = fieldsIn(entry)
  const left = new Map([...fields].filter(([, path]) => !taken.some((other) => overlap(other, path))))
  if (left.size === fields.size) return [entry]
  return left.size === 0 ? [] : [{ ...entry, fieldsV1: toFieldsV1(left) }]
}

function entryOf({ manager, apiVersion, time }: Writer, operation: 'Apply' | 'Update', fields: FieldSet) {
  if (fields.size === 0) return []
  return [{ manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(fields) } as const]
}

const fieldsIn = (entry: ManagedFields | undefined): FieldSet => fromFieldsV1(entry?.fieldsV1 ?? {})

const isOf = (entry: ManagedFields, { manager }: Writer, operation: 'Apply' | 'Update'): boolean =>
  entry.manager === manager && entry.operation === operation
