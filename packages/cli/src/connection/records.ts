/** Returns whether a value is an object with members, and no list. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns a member that is an object; an empty one if it is none. */
export function recordIn(record: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const member = record[name]
  return isRecord(member) ? member : {}
}

/** Returns a member that is a list; an empty one if it is none. */
export function listIn(record: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const member = record[name]
  return Array.isArray(member) ? member : []
}

/** Returns a member that is a text; `undefined` if it is none. */
export function textIn(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const member = record[name]
  return typeof member === 'string' ? member : undefined
}

/** Returns a member that is a finite number; `undefined` if it is none. */
export function numberIn(record: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const member = record[name]
  return typeof member === 'number' && Number.isFinite(member) ? member : undefined
}
