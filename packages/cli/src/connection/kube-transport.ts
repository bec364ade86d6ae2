import { isCanaryError } from '@model-canary/core'
import { retryAfterMsOf, withDeadline } from '@model-canary/foundation'
import { createKube, type KubeConnection, kubeStore } from '@model-canary/istio'
import { EXIT } from '../exit-codes.js'
import { failure, isFailure } from '../failure.js'
import type { World } from '../world.js'
import type { KubePlace, PodPort } from './kube-connection.js'
import { askApiServer } from './kube-request.js'
import { isRecord, textIn } from './records.js'
import { statusOfRecords } from './status-of-records.js'
import type { NoAnswer, RouteAnswer, RouteRequest, Transport } from './transport.js'

/** The options of {@link kubeTransport}. */
export interface KubeTransportOptions {
  readonly connection: KubeConnection
  /** The ConfigMap in which the rollout is kept. */
  readonly place: KubePlace
  /** The pod that has the routes; `undefined` if nothing is to be changed. */
  readonly pod: PodPort | undefined
  /** The path of the routes in the pod. */
  readonly path: string
  readonly token: string | undefined
  readonly world: Pick<World, 'clock' | 'interrupted'>
}

/** The header of the token: the API server takes the usual one away, because its own credentials are in it. */
const TOKEN_HEADER = 'x-model-canary-token'

const LONGEST_PAUSE_MS = 60_000

const NO_ROUTE: RouteAnswer = { status: 404, body: undefined, retryAfterMs: undefined }

/** Reads a rollout from its ConfigMap, and sends verbs to a pod, through the API server. */
export function kubeTransport(options: KubeTransportOptions): Transport {
  const { connection, place, world } = options
  const { clock, interrupted } = world
  const store = kubeStore({ kube: createKube(connection, { retries: 0, clock }), ...place, clock })
  const where = `ConfigMap ${place.namespace}/${place.name}`

  const stored = async (signal: AbortSignal): Promise<RouteAnswer> => {
    const records = await store.load(signal)
    const body = records && statusOfRecords(records)
    return body ? answerOf(200, body) : refused(404, 'NO_ROLLOUT', `${where} holds no rollout`)
  }

  return {
    place: where,
    async ask(request) {
      const isRead = request.method === 'GET'
      if (isRead && request.path !== 'status') return NO_ROUTE
      try {
        return await withDeadline(
          clock,
          request.limitMs,
          (signal) => (isRead ? stored(signal) : sendToPod(options, request, signal)),
          interrupted,
          { keepAlive: true },
        )
      } catch (error) {
        if (isFailure(error)) throw error
        return answerOfError(error)
      }
    },
    stream: async () => NO_ROUTE,
  }
}

/** Sends a verb through the proxy of the API server. */
async function sendToPod(options: KubeTransportOptions, { path, headers, body }: RouteRequest, signal: AbortSignal) {
  const { connection, place, pod, token, path: prefix, world } = options
  if (pod === undefined) {
    const advice = 'say which pod has the routes with --pod POD:PORT; the ConfigMap is not written'
    throw failure(EXIT.usage, 'NO_POD', `a verb needs the routes of a controller; ${advice}`)
  }
  const mount = prefix.replace(/^\/+|\/+$/g, '')
  const route = [mount, path].filter((part) => part !== '').join('/')
  const answer = await askApiServer(
    connection,
    {
      method: 'POST',
      path: `/api/v1/namespaces/${place.namespace}/pods/${pod.pod}:${pod.port}/proxy/${route}`,
      headers: {
        ...headers,
        accept: 'application/json',
        'content-type': 'application/json',
        ...(token !== undefined && { [TOKEN_HEADER]: token }),
      },
      body: JSON.stringify(body ?? {}),
    },
    signal,
  )
  const told = parsed(answer.text)
  const retryAfterMs = retryAfterMsOf(answer.retryAfter, world.clock.now(), LONGEST_PAUSE_MS)
  return { ...ofApiServer(answer.status, told), retryAfterMs }
}

/** An error of the API server itself has another form than those of the routes. */
function ofApiServer(status: number, body: unknown): RouteAnswer {
  if (!isRecord(body) || body.kind !== 'Status') return answerOf(status, body)
  const isLost = status >= 500 // the pod may have done it: nobody knows
  return isLost
    ? answerOf(status, undefined)
    : refused(
        status,
        textIn(body, 'reason') ?? `HTTP_${status}`,
        textIn(body, 'message') ?? `the API server: ${status}`,
      )
}

const answerOf = (status: number, body: unknown): RouteAnswer => ({ status, body, retryAfterMs: undefined })

const refused = (status: number, code: string, message: string) => answerOf(status, { error: { code, message } })

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  KUBE_UNAUTHORIZED: 401,
  KUBE_FORBIDDEN: 403,
  KUBE_CONFIG: 400,
  INVALID_OPTION: 400,
  INVALID_STATE: 500,
}

function answerOfError(error: unknown): RouteAnswer | NoAnswer {
  const message = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error)
  const status = isCanaryError(error) ? STATUS_BY_CODE[error.code] : undefined
  return status === undefined || !isCanaryError(error)
    ? { status: null, message }
    : refused(status, error.code, message)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
