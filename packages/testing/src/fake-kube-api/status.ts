import { type FakeResource, qualifiedName } from './resource.js'
import type { FieldCause } from './schema.js'

/** What a Kubernetes API server answers instead of an object. */
export interface KubeStatus {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: object
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly uid?: string
    readonly causes?: readonly FieldCause[]
    readonly retryAfterSeconds?: number
  }
  readonly code: number
}

/** The result of a request: a value, or the Status that says why there is none. */
export type Outcome<Value> = { readonly value: Value } | { readonly refused: KubeStatus }

/** Returns a Status that says why a request failed. */
export function failure(
  code: number,
  reason: string,
  message: string,
  details?: NonNullable<KubeStatus['details']>,
): KubeStatus {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason } as const
  return details === undefined ? { ...base, code } : { ...base, details, code }
}

/** The request is malformed. */
export const badRequest = (message: string): KubeStatus => failure(400, 'BadRequest', message)

/** The client is not authenticated. */
export const unauthorized = (): KubeStatus => failure(401, 'Unauthorized', 'Unauthorized')

/** There is no object of this name. */
export const notFound = (resource: FakeResource, name: string): KubeStatus =>
  failure(404, 'NotFound', `${named(resource, name)} not found`, about(resource, name))

/** There is no namespace of this name. */
export const noNamespace = (name: string): KubeStatus =>
  failure(404, 'NotFound', `namespaces ${JSON.stringify(name)} not found`, { name, kind: 'namespaces' })

/** There is no such resource, or nothing at this path. */
export const unknownPath = (): KubeStatus =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {})

/** The resource exists, but does not support the method. */
export const methodNotAllowed = (): KubeStatus =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

/** The name is taken. */
export const alreadyExists = (resource: FakeResource, name: string): KubeStatus =>
  failure(409, 'AlreadyExists', `${named(resource, name)} already exists`, about(resource, name))

/** Another write came first. */
export const conflict = (
  resource: FakeResource,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): KubeStatus =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${named(resource, name)}: ${why}`, about(resource, name))

/** An apply conflicts with fields of other managers. */
export function applyConflict(causes: readonly FieldCause[]): KubeStatus {
  const found = causes.map(({ message, field }) => `${message}: ${field}`)
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`
  return failure(409, 'Conflict', `Apply failed with ${count}: ${found.join(', ')}`, { causes })
}

/** The body is larger than the server takes. */
export const tooLarge = (limit: number): KubeStatus =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`)

/** The body is in a format that is not read here. */
export const unsupportedMediaType = (accepted: readonly string[]): KubeStatus => {
  const known = accepted.join(', ')
  const message = `the body of the request was in an unknown format - accepted media types include: ${known}`
  return failure(415, 'UnsupportedMediaType', message, {})
}

/** The resulting object would be invalid. */
export function invalid({ kind, group }: FakeResource, name: string, causes: readonly FieldCause[]): KubeStatus {
  const found = causes.map(({ field, message }) => `${field}: ${message}`)
  const list = found.length === 1 ? found[0] : `[${found.join(', ')}]`
  const qualified = group === '' ? kind : `${kind}.${group}`
  return failure(422, 'Invalid', `${qualified} ${JSON.stringify(name)} is invalid: ${list}`, {
    name,
    group,
    kind,
    causes,
  })
}

/** An operation of a JSON patch does not apply. */
export const unprocessable = (): KubeStatus =>
  failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

/** The history of a watch does not go back that far. */
export const expired = (asked: number, oldest: number): KubeStatus =>
  failure(410, 'Expired', `too old resource version: ${asked} (${oldest})`)

/** The object was deleted. */
export function deleted(resource: FakeResource, name: string, uid: string): KubeStatus {
  const details = { ...about(resource, name), uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code: 200 }
}

/** Returns the details of a Status that identify an object. */
export function about({ group, plural }: FakeResource, name: string) {
  return group === '' ? { name, kind: plural } : { name, group, kind: plural }
}

const named = (resource: FakeResource, name: string): string => `${qualifiedName(resource)} ${JSON.stringify(name)}`
