import { isObject } from './json.js'

/** The part of an OpenAPI schema that the fake API server uses. The rest of a real schema is ignored. */
export interface FakeSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  /**
   * What an object may have; other members are left out. Without it, and without `additionalProperties`, an object is
   * kept as it is.
   */
  readonly properties?: Readonly<Record<string, FakeSchema>>
  /** The schema of every member of a map. */
  readonly additionalProperties?: FakeSchema
  readonly required?: readonly string[]
  readonly items?: FakeSchema
  readonly minimum?: number
  readonly maximum?: number
}

/** One reason why an object is invalid, as a Status lists it under `details.causes`. */
export interface FieldCause {
  readonly reason: string
  readonly message: string
  /** Where, such as `spec.http[0].route[1].weight`. */
  readonly field: string
}

/** Returns everything in a value that does not match the schema. */
export function misfits(schema: FakeSchema, value: unknown, field = ''): readonly FieldCause[] {
  const found = typeOf(value)
  if (schema.type !== undefined && !isOfType(found, schema.type)) return [wrongType(field, schema.type, found)]
  if (Array.isArray(value))
    return value.flatMap((item, index) => misfits(schema.items ?? {}, item, `${field}[${index}]`))
  if (isObject(value)) return [...absent(schema, value, field), ...misfitMembers(schema, value, field)]
  return typeof value === 'number' ? outOfBounds(schema, value, field) : []
}

function misfitMembers(schema: FakeSchema, value: object, field: string): readonly FieldCause[] {
  return Object.entries(value).flatMap(([member, inner]) =>
    misfits(schemaOf(schema, member) ?? {}, inner, below(field, member)),
  )
}

/** Returns the schema of a member; `undefined` if there is none. */
function schemaOf({ properties = {}, additionalProperties }: FakeSchema, member: string): FakeSchema | undefined {
  return Object.hasOwn(properties, member) ? properties[member] : additionalProperties
}

/** Returns a value without unknown members, and without nulls that the schema does not allow. */
export function pruned(schema: FakeSchema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => pruned(schema.items ?? {}, item))
  if (!isObject(value) || (schema.properties === undefined && schema.additionalProperties === undefined)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([member, inner]) => {
      const known = schemaOf(schema, member)
      const isLeftOut = known === undefined || (inner === null && known.type !== undefined)
      return isLeftOut ? [] : [[member, pruned(known, inner)] as const]
    }),
  )
}

function absent({ required = [] }: FakeSchema, value: object, field: string): readonly FieldCause[] {
  return required
    .filter((member) => !Object.hasOwn(value, member))
    .map((member) => ({ reason: 'FieldValueRequired', message: 'Required value', field: below(field, member) }))
}

function outOfBounds({ minimum, maximum }: FakeSchema, value: number, field: string): readonly FieldCause[] {
  const limit = (words: string): FieldCause => invalidValue(field, String(value), `${field} in body should be ${words}`)
  if (minimum !== undefined && value < minimum) return [limit(`greater than or equal to ${minimum}`)]
  if (maximum !== undefined && value > maximum) return [limit(`less than or equal to ${maximum}`)]
  return []
}

/** Returns the cause for a value that has the right type but is not allowed. */
export function invalidValue(field: string, shown: string, why: string): FieldCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown}: ${why}`, field }
}

function wrongType(field: string, wanted: string, found: string): FieldCause {
  return {
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: "${found}": ${field} in body must be of type ${wanted}: "${found}"`,
    field,
  }
}

const isOfType = (found: string, wanted: string): boolean =>
  found === wanted || (wanted === 'number' && found === 'integer')

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

const below = (field: string, member: string): string => (field === '' ? member : `${field}.${member}`)
