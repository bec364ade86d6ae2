import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CanaryError, type Clock, systemClock } from '@model-canary/core'
import { type Defaults, refuseUnknown } from '@model-canary/foundation'
import type { KubeConnection } from './credentials.js'
import { fileValue, readNow } from './file-value.js'
import { optionalText } from './options.js'
import { serverUrl } from './server-url.js'

/** The options of {@link inCluster}. The defaults are what the kubelet provides to every pod. */
export interface InClusterOptions {
  /** The folder with `token`, `ca.crt` and `namespace`. @default '/var/run/secrets/kubernetes.io/serviceaccount' */
  readonly folder?: string | undefined
  /** The host of the API server. @default the environment's KUBERNETES_SERVICE_HOST */
  readonly host?: string | undefined
  /** The port of the API server. @default the environment's KUBERNETES_SERVICE_PORT */
  readonly port?: string | number | undefined
  /** The clock by which files are read again. @default systemClock */
  readonly clock?: Clock | undefined
}

/** What an option is if it is not given. */
const IN_CLUSTER_DEFAULTS = {
  folder: '/var/run/secrets/kubernetes.io/serviceaccount',
} as const satisfies Defaults<InClusterOptions>

/**
 * Returns the connection of a pod to its own cluster, with its service account.
 *
 * The token and the certificate authority are read again at least once a minute, and when the server rejects them; a
 * token is rotated about every hour.
 *
 * @throws `KUBE_CONFIG` outside a pod, or if the service account is not mounted; `INVALID_OPTION`, `UNKNOWN_OPTION`
 *
 * @example
 * const kube = createKube(inCluster())
 */
export function inCluster(options: InClusterOptions = {}): KubeConnection {
  refuseUnknown('inCluster', options, { folder: 1, host: 1, port: 1, clock: 1 })
  const folder = optionalText('inCluster: folder', options.folder) ?? IN_CLUSTER_DEFAULTS.folder
  const host = optionalText('inCluster: host', options.host) ?? process.env.KUBERNETES_SERVICE_HOST
  const port = options.port ?? process.env.KUBERNETES_SERVICE_PORT
  const { clock = systemClock } = options
  if (!host || !port) {
    const detail =
      'KUBERNETES_SERVICE_HOST and _PORT are not set, so this is not a pod; use kubeconfig(), or pass host and port'
    throw new CanaryError('KUBE_CONFIG', detail)
  }
  const server = serverUrl(`https://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${port}`)
  const token = fileValue(join(folder, 'token'), clock)
  const ca = fileValue(join(folder, 'ca.crt'), clock)
  const namespaceFile = join(folder, 'namespace')

  return {
    server: server.origin,
    namespace: existsSync(namespaceFile) ? readNow(namespaceFile) : undefined,
    credentials: async () => ({ token: await token.read(), ca: await ca.read() }),
    refuse() {
      token.refuse()
      ca.refuse()
    },
  }
}
