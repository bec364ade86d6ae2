import { isObject } from './json.js'

/** The result of a pointer to nothing. */
export const NOWHERE: unique symbol = Symbol('nowhere')

/** Returns the tokens of a pointer such as `/spec/http/0`; `undefined` if it is malformed. RFC 6901. */
export function tokensOf(pointer: string): readonly string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Returns the value that the tokens lead to. */
export function valueAt(node: unknown, [token, ...rest]: readonly string[]): unknown {
  if (token === undefined) return node
  const child = childOf(node, token)
  return child === NOWHERE ? NOWHERE : valueAt(child, rest)
}

/**
 * Returns the document with a value inserted: at a member, before an item of a list, or with `-` after the last item.
 */
export function withAdded(node: unknown, [token, ...rest]: readonly string[], value: unknown): unknown {
  if (token === undefined) return value
  if (rest.length > 0) return withChild(node, token, withAdded(childOf(node, token), rest, value))
  if (isObject(node)) return withMember(node, token, value)
  if (!Array.isArray(node)) return NOWHERE
  const index = token === '-' ? node.length : indexOf(token)
  return index !== undefined && index <= node.length ? node.toSpliced(index, 0, value) : NOWHERE
}

/** Returns the document without the value that the tokens lead to. */
export function withRemoved(node: unknown, [token, ...rest]: readonly string[]): unknown {
  if (token === undefined || childOf(node, token) === NOWHERE) return NOWHERE
  if (rest.length > 0) return withChild(node, token, withRemoved(childOf(node, token), rest))
  if (Array.isArray(node)) return node.toSpliced(Number(token), 1)
  return Object.fromEntries(Object.entries(node as object).filter(([name]) => name !== token))
}

function withChild(node: unknown, token: string, child: unknown): unknown {
  if (child === NOWHERE) return NOWHERE
  return Array.isArray(node) ? node.with(Number(token), child) : withMember(node as object, token, child)
}

const withMember = (node: object, name: string, value: unknown): object =>
  Object.fromEntries(new Map(Object.entries(node)).set(name, value))

function childOf(node: unknown, token: string): unknown {
  if (Array.isArray(node)) {
    const index = indexOf(token)
    return index !== undefined && index < node.length ? node[index] : NOWHERE
  }
  return isObject(node) && Object.hasOwn(node, token) ? node[token] : NOWHERE
}

const indexOf = (token: string): number | undefined => (/^(0|[1-9]\d*)$/.test(token) ? Number(token) : undefined)
