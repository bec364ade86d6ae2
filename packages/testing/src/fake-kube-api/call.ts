import type { Body } from './body.js'
import type { FakeResource } from './resource.js'
import type { Place } from './store.js'

/** A parsed request for objects of a resource. */
export interface Call {
  readonly method: string
  readonly resource: FakeResource
  readonly version: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly part: 'object' | 'status'
  readonly query: URLSearchParams
  /** The Content-Type without its parameters; empty if there is none. */
  readonly contentType: string
  readonly body: Body
  /** The client's name for itself. Its writes are recorded under this name if the query names no field manager. */
  readonly agent: string
}

/** A request for one object. */
export interface ObjectCall extends Call, Place {
  readonly namespace: string
  readonly name: string
}

/** What goes back. */
export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** Returns whether a request is about one object. */
export function isObjectCall(call: Call): call is ObjectCall {
  return call.name !== undefined && call.namespace !== undefined
}

/** Returns the verb of a request as in roles; `undefined` for a method that is not served. */
export function verbOf({ method, name, query }: Call): string | undefined {
  if (method === 'GET' && name !== undefined) return 'get'
  if (method === 'GET') return isOn(query.get('watch')) ? 'watch' : 'list'
  if (name === undefined) return method === 'POST' ? 'create' : undefined
  return WRITES.get(method)
}

const WRITES: ReadonlyMap<string, string> = new Map([
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
])

/** Returns a flag of a query as a real server reads it: true for everything but `false` and `0`. */
export function isOn(flag: string | null): boolean {
  return flag !== null && flag !== '0' && flag.toLowerCase() !== 'false'
}
