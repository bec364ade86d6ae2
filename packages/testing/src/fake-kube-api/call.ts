import type { Body } from './body.js'
import type { FakeResource } from './resource.js'
import type { Place } from './store.js'

/** A request for objects of a resource, taken apart. */
export interface Call {
  readonly method: string
  readonly resource: FakeResource
  readonly version: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly part: 'object' | 'status'
  readonly query: URLSearchParams
  /** Without its parameters; empty where there is none. */
  readonly contentType: string
  readonly body: Body
  /** The program that asks, as it calls itself: what its writes are booked under where the query names nobody. */
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

/** Tells whether a request is about one object. */
export function isObjectCall(call: Call): call is ObjectCall {
  return call.name !== undefined && call.namespace !== undefined
}

/** The verb of a request as roles know it; `undefined` for a method that is not served. */
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

/** A flag of a query as a real server reads it: anything but `false` and `0`. */
export function isOn(flag: string | null): boolean {
  return flag !== null && flag !== '0' && flag.toLowerCase() !== 'false'
}
