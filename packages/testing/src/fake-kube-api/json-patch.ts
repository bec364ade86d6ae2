import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from './json.js'
import { NOWHERE, tokensOf, valueAt, withAdded, withRemoved } from './json-pointer.js'

/** A document after a patch, or the first operation that fails. */
export type PatchOutcome = { readonly value: unknown } | { readonly problem: string }

/**
 * Returns a document after the operations of a JSON patch: all of them or none.
 *
 * RFC 6902.
 */
export function jsonPatch(document: unknown, operations: readonly unknown[]): PatchOutcome {
  let value = document
  for (const operation of operations) {
    value = isObject(operation) ? carryOut(value, operation) : NOWHERE
    if (value === NOWHERE) return { problem: describe(operation) }
  }
  return { value }
}

function carryOut(document: unknown, operation: JsonObject): unknown {
  const path = pointer(operation, 'path')
  if (path === undefined) return NOWHERE
  const hasValue = Object.hasOwn(operation, 'value')
  switch (operation.op) {
    case 'add':
      return hasValue ? withAdded(document, path, operation.value) : NOWHERE
    case 'remove':
      return withRemoved(document, path)
    case 'replace':
      return hasValue ? replaced(document, path, operation.value) : NOWHERE
    case 'test':
      return hasValue && isDeepStrictEqual(valueAt(document, path), operation.value) ? document : NOWHERE
    case 'copy':
    case 'move':
      return transferred(document, pointer(operation, 'from'), path, operation.op === 'move')
    default:
      return NOWHERE
  }
}

function replaced(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value
  const emptied = withRemoved(document, path)
  return emptied === NOWHERE ? NOWHERE : withAdded(emptied, path, value)
}

function transferred(
  document: unknown,
  from: readonly string[] | undefined,
  path: readonly string[],
  isMove: boolean,
): unknown {
  const value = from === undefined ? NOWHERE : valueAt(document, from)
  if (from === undefined || value === NOWHERE) return NOWHERE
  const remaining = isMove ? withRemoved(document, from) : document
  return remaining === NOWHERE ? NOWHERE : withAdded(remaining, path, value)
}

function pointer(operation: JsonObject, member: 'path' | 'from'): readonly string[] | undefined {
  const text = operation[member]
  return typeof text === 'string' ? tokensOf(text) : undefined
}

function describe(operation: unknown): string {
  return `${JSON.stringify(operation).slice(0, 200)} does not apply`
}
