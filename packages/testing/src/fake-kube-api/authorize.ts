import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { type Call, verbOf } from './call.js'
import { qualifiedName } from './resource.js'
import { type FakeRole, isAllowed } from './roles.js'
import { selectionOf } from './selection.js'
import { about, failure, type KubeStatus } from './status.js'

/** Returns whether a request is authenticated, by the bearer token or by a trusted certificate. */
export function isKnown(request: IncomingMessage, token: string): boolean {
  if (request.headers.authorization !== undefined) return request.headers.authorization === `Bearer ${token}`
  return request.socket instanceof TLSSocket && request.socket.authorized
}

/** Returns the Status of a request that no role allows; `undefined` if a role allows it. */
export function forbidden(call: Call, roles: readonly FakeRole[] | undefined, user: string): KubeStatus | undefined {
  const verb = verbOf(call)
  if (roles === undefined || verb === undefined) return undefined
  const { resource, namespace, part } = call
  const plural = part === 'status' ? `${resource.plural}/status` : resource.plural
  const name = call.name ?? selectedName(call)
  if (isAllowed(roles, { verb, group: resource.group, resource: plural, namespace, name })) return undefined

  const subject = name === undefined ? qualifiedName(resource) : `${qualifiedName(resource)} ${JSON.stringify(name)}`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const deed = `cannot ${verb} resource "${plural}" in API group "${resource.group}" ${where}`
  const message = `${subject} is forbidden: User "${user}" ${deed}`
  return failure(403, 'Forbidden', message, about(resource, name ?? ''))
}

/** A list or a watch of one name is a request for that name, so that a role with `resourceNames` can allow it. */
function selectedName(call: Call): string | undefined {
  const selection = selectionOf(call)
  return call.method === 'GET' && 'value' in selection ? selection.value.name : undefined
}
