import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { answerCall, refuse } from './answer-call.js'
import { forbidden, isKnown } from './authorize.js'
import { type Body, LARGEST_BODY, readBody } from './body.js'
import { type Call, type Reply, verbOf } from './call.js'
import { discover } from './discovery.js'
import { failureReply } from './failure-reply.js'
import type { Failures, FakeFailure } from './failures.js'
import { readPath } from './path.js'
import type { FakeResource } from './resource.js'
import type { FakeRole } from './roles.js'
import { failure, methodNotAllowed, tooLarge, unauthorized, unknownPath } from './status.js'
import type { Store } from './store.js'
import type { Watches } from './watches.js'

/** One request that a fake API server received. */
export interface FakeRequest {
  readonly method: string
  /** The path with its query, as received. */
  readonly path: string
  /** The Content-Type without its parameters; empty if there was none. */
  readonly contentType: string
  /** The body as JSON; as text if it was not JSON; `undefined` if there was no body. */
  readonly body: unknown
}

/** Everything that handles a request. */
export interface Backstage {
  readonly store: Store
  readonly watches: Watches
  readonly failures: Failures
  readonly resources: readonly FakeResource[]
  readonly user: string
  readonly now: () => number
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  readonly token: () => string
  readonly roles: () => readonly FakeRole[] | undefined
  readonly saw: (request: FakeRequest) => void
}

/** Answers one request, from its first byte to its last. */
export async function serve(backstage: Backstage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url: path = '/' } = request
  const body = await readBody(request)
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]!.trim()
  backstage.saw({ method, path, contentType, body: body.content })

  const trouble: FakeFailure = backstage.failures.take(method, path) ?? {}
  trouble.before?.()
  if (trouble.delayMs) await delay(trouble.delayMs, undefined, { signal: backstage.closing })
  if (trouble.cut === true) return void request.socket.destroy()

  const url = new URL(path, 'http://localhost')
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0]!
  const reply = failureReply(trouble) ?? answer(backstage, request, response, { method, url, contentType, body, agent })
  if (trouble.cut === 'answer') return void request.socket.destroy()
  if (reply !== undefined) write(response, reply, trouble.retryAfterS)
}

interface Asked {
  readonly method: string
  readonly url: URL
  readonly contentType: string
  readonly body: Body
  readonly agent: string
}

/** Returns the reply; `undefined` if a watch has taken over the response. */
function answer(
  backstage: Backstage,
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
): Reply | undefined {
  const { resources, store, watches, now, user } = backstage
  if (!isKnown(request, backstage.token())) return refuse(unauthorized())
  if (asked.body.isTooLarge) return refuse(tooLarge(LARGEST_BODY))
  const document = discover(resources, asked.url.pathname)
  if (document !== undefined)
    return asked.method === 'GET' ? { status: 200, body: document } : refuse(methodNotAllowed())

  const call = callOf(resources, asked)
  if (call === undefined) return refuse(unknownPath())
  const refused = forbidden(call, backstage.roles(), user)
  if (refused !== undefined) return refuse(refused)
  return verbOf(call) === 'watch' ? watches.open(call, response) : answerCall(store, now, call)
}

function callOf(
  resources: readonly FakeResource[],
  { method, url, contentType, body, agent }: Asked,
): Call | undefined {
  const path = readPath(url.pathname)
  if (path === undefined) return undefined
  const { group, version, plural, namespace, name, subresource } = path
  const resource = resources.find((known) => known.group === group && known.plural === plural)
  if (resource === undefined || !resource.versions.includes(version)) return undefined
  if (name !== undefined && namespace === undefined) return undefined
  if (subresource !== undefined && (subresource !== 'status' || resource.builtIn)) return undefined
  const part = subresource === undefined ? 'object' : 'status'
  return { method, resource, version, namespace, name, part, query: url.searchParams, contentType, body, agent }
}

function write(response: ServerResponse, { status, body }: Reply, retryAfterS: number | undefined): void {
  const isText = typeof body === 'string'
  response.statusCode = status
  response.setHeader('content-type', isText ? 'text/plain; charset=utf-8' : 'application/json')
  if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS))
  response.end(isText ? body : JSON.stringify(body))
}

/** The answer if the fake server itself fails. */
export function writeBroken(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  write(response, refuse(failure(500, 'InternalError', `the fake failed: ${String(error)}`)), undefined)
}
