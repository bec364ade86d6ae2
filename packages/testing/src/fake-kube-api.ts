import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createFailures, type FakeFailure } from './fake-kube-api/failures.js'
import { copyOf } from './fake-kube-api/json.js'
import type { FakeObject } from './fake-kube-api/object.js'
import { type FakeKubeApiOptions, type FakeKubeTls, resolveOptions } from './fake-kube-api/options.js'
import { createOtherClient } from './fake-kube-api/other-client.js'
import type { FakeRole } from './fake-kube-api/roles.js'
import { type Backstage, type FakeRequest, serve, writeBroken } from './fake-kube-api/serve.js'
import { createStore } from './fake-kube-api/store.js'
import { createWatches } from './fake-kube-api/watches.js'

/** A Kubernetes API server of a test: real HTTP on the loopback, objects in memory. */
export interface FakeKubeApi {
  /** Where it listens, such as `http://127.0.0.1:43210`; https where `tls` was given. */
  readonly url: string
  /** The bearer token that it accepts now. */
  readonly token: string
  /** Stores an object as another client would, with its status; returns what is stored. */
  put(object: object): FakeObject
  /** The object as it is stored, at a path such as `/api/v1/namespaces/default/configmaps/settings`. */
  peek(path: string): FakeObject | undefined
  /** Changes an object as another client would, by a merge patch that may reach the status; watchers hear of it. */
  change(path: string, patch: object): FakeObject
  /** Removes an object as another client would; one with finalizers stays until they are taken away. */
  remove(path: string): void
  /** Every request so far, also those that failed. */
  readonly requests: readonly FakeRequest[]
  /** Lets the next requests that match fail; several calls queue up. */
  fail(failure: FakeFailure): void
  /** Forgets the history of changes, so that a watch from an old resourceVersion gets 410. */
  compact(): void
  /** Sends a bookmark to every watch that asked for some. */
  bookmark(): void
  /** Cuts the connection of every watch; the server goes on. */
  cutWatches(): void
  readonly watchCount: number
  /** Says what may be done from now on; `undefined` allows everything. */
  allow(roles: readonly FakeRole[] | undefined): void
  /** Accepts another token from now on, and no longer the one before. */
  rotateToken(token: string): void
  close(): Promise<void>
}

/**
 * Starts a fake Kubernetes API server on a free port of the loopback.
 *
 * It answers as a real one does: create, read, list, replace, merge and JSON patches, server-side apply (as JSON), delete
 * with finalizers, watches with resume, bookmarks and expiry, discovery for kubectl, Status bodies with the reasons and
 * fields of a real server. Members that a schema does not know are left out, and a new object needs a namespace that is
 * there (`namespaces`, or one that something was put into). Give it `tls` for kubectl, which sends no token over plain HTTP.
 * It does not know labelSelector, defaults, or paging.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const api = await fakeKubeApi()
 * api.put({
 *   apiVersion: 'networking.istio.io/v1',
 *   kind: 'VirtualService',
 *   metadata: { name: 'sentiment' },
 *   spec: { hosts: ['sentiment'] },
 * })
 * api.fail({ method: 'PATCH', status: 429, retryAfterS: 1 }) // the next patch is throttled
 * await api.close()
 */
export async function fakeKubeApi(options: FakeKubeApiOptions = {}): Promise<FakeKubeApi> {
  const resolved = resolveOptions(options)
  const { resources, user, now, tls } = resolved
  const store = createStore(resolved.namespaces)
  const watches = createWatches(store)
  const failures = createFailures()
  const otherClient = createOtherClient(store, resources, now)
  const closing = new AbortController()
  const requests: FakeRequest[] = []
  let { token, roles } = resolved

  const backstage: Backstage = {
    store,
    watches,
    failures,
    resources,
    user,
    now,
    closing: closing.signal,
    token: () => token,
    roles: () => roles,
    saw: (request) => void requests.push(copyOf(request)),
  }
  const server = await listen(backstage, tls)
  const { port } = server.address() as AddressInfo

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    get token() {
      return token
    },
    ...otherClient,
    requests,
    fail: failures.add,
    compact: store.compact,
    bookmark: watches.bookmark,
    cutWatches: watches.cut,
    get watchCount() {
      return watches.count()
    },
    allow(rules) {
      roles = rules
    },
    rotateToken(next) {
      token = next
    },
    close() {
      closing.abort()
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function listen(backstage: Backstage, tls: FakeKubeTls | undefined): Promise<Server> {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    serve(backstage, request, response).catch((error) => writeBroken(response, error))
  }
  const server =
    tls === undefined ? createServer(answer) : createTlsServer({ ...tls, rejectUnauthorized: false }, answer)
  server.keepAliveTimeout = 60_000 // not during a test: a client that reuses a socket must not meet its end
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server))
  })
}
