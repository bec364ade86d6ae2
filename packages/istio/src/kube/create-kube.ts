import { type Clock, systemClock } from '@model-canary/core'
import { type Defaults, numberWithin, refuseUnknown, wholeNumber } from '@model-canary/foundation'
import { askCreate, askMergePatch, askObject } from './ask.js'
import { call } from './call.js'
import type { KubeConnection } from './credentials.js'
import { createDial } from './dial.js'
import { follow } from './follow.js'
import type { Kube } from './kube.js'
import type { Link } from './link.js'
import { aFunction } from './options.js'

/** The options of {@link createKube}: time limits and retries. */
export interface KubeOptions {
  /** The time limit of one attempt, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number | undefined
  /** How often a transient failure is retried: the network, 429, 500, 502, 503, 504. @default 3 */
  readonly retries?: number | undefined
  /** The clock for time limits and pauses. @default systemClock */
  readonly clock?: Clock | undefined
  /** The source of the random numbers that spread the pauses between attempts. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** What an option is if it is not given. */
const KUBE_DEFAULTS = { timeoutMs: 10_000, retries: 3 } as const satisfies Defaults<KubeOptions>

/**
 * Creates a client of a Kubernetes API server.
 *
 * Sockets are reused, and close when idle. Between two attempts it waits a random time of up to 0.2 s, 0.4 s, 0.8 s …
 * 5 s, or as long as the server's `Retry-After` asks, at most 30 s. If the server rejects the credentials, they are
 * fetched again and the request is repeated once, immediately. Proxies are not supported.
 *
 * @throws `KUBE_CONFIG` if the server is not a URL; `INVALID_OPTION`, `UNKNOWN_OPTION`
 *
 * @example
 * const kube = createKube(inCluster())
 * const route = await kube.get({
 *   group: 'networking.istio.io',
 *   version: 'v1',
 *   plural: 'virtualservices',
 *   namespace: 'default',
 *   name: 'sentiment',
 * })
 */
export function createKube(connection: KubeConnection, options: KubeOptions = {}): Kube {
  refuseUnknown('createKube', options, { timeoutMs: 1, retries: 1, clock: 1, random: 1 })
  aFunction('createKube: connection.credentials', connection?.credentials)
  const { clock = systemClock } = options
  const link: Link = {
    connection,
    dial: createDial(connection.server),
    clock,
    timeoutMs: numberWithin('createKube: timeoutMs', options.timeoutMs ?? KUBE_DEFAULTS.timeoutMs, 1, 600_000),
  }
  const persistence = {
    retries: wholeNumber('createKube: retries', options.retries ?? KUBE_DEFAULTS.retries, 0, 20),
    random: aFunction('createKube: random', options.random ?? Math.random),
  }

  return {
    get: async (address, signal) => call(link, askObject(address), persistence, signal),
    mergePatch: async (address, patch, signal) => call(link, askMergePatch(address, patch), persistence, signal),
    create: async (address, object, signal) => call(link, askCreate(address, object), persistence, signal),
    watch: (address, listener) => follow(link, address, persistence.random, listener),
  }
}
