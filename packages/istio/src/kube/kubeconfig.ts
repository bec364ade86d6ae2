import { dirname, resolve } from 'node:path'
import { type Clock, systemClock } from '@model-canary/core'
import { type Defaults, numberWithin, refuseUnknown } from '@model-canary/foundation'
import { secureContextOf } from './agents.js'
import type { KubeConnection } from './credentials.js'
import { readCluster } from './kubeconfig-cluster.js'
import { defaultPath, readKubeconfig } from './kubeconfig-file.js'
import { readUser } from './kubeconfig-user.js'
import { optionalText } from './options.js'

/** The options of {@link kubeconfig}: the file and the context. */
export interface KubeconfigOptions {
  /** The file. @default the first file of the environment's KUBECONFIG (files are not merged), or ~/.kube/config */
  readonly path?: string | undefined
  /** The context. @default the file's current-context */
  readonly context?: string | undefined
  /** The time limit of an `exec` plugin, in milliseconds. @default 60_000 */
  readonly execTimeoutMs?: number | undefined
  /** The clock by which credentials expire and files are read again. @default systemClock */
  readonly clock?: Clock | undefined
}

/** What an option is if it is not given. */
const KUBECONFIG_DEFAULTS = { execTimeoutMs: 60_000 } as const satisfies Defaults<KubeconfigOptions>

/**
 * Returns the connection that a kubeconfig describes, as `kubectl` would use it.
 *
 * Supports tokens, token files, client certificates and `exec` plugins (`client.authentication.k8s.io/v1` and
 * `v1beta1`, without a terminal). Token and certificate files are read again at least once a minute; the kubeconfig
 * itself is read once. `auth-provider`, passwords, impersonation and proxies are not supported, and cause an error.
 *
 * @throws `KUBE_CONFIG` if the file cannot be read or used; `INVALID_OPTION`, `UNKNOWN_OPTION`
 *
 * @example
 * const kube = createKube(kubeconfig({ context: 'staging' }))
 */
export function kubeconfig(options: KubeconfigOptions = {}): KubeConnection {
  refuseUnknown('kubeconfig', options, { path: 1, context: 1, execTimeoutMs: 1, clock: 1 })
  const path = resolve(optionalText('kubeconfig: path', options.path) ?? defaultPath())
  const context = optionalText('kubeconfig: context', options.context)
  const execTimeoutMs = numberWithin(
    'kubeconfig: execTimeoutMs',
    options.execTimeoutMs ?? KUBECONFIG_DEFAULTS.execTimeoutMs,
    1,
    600_000,
  )
  const { clock = systemClock } = options

  const { reader, namespace, ...chosen } = readKubeconfig(path, context)
  const place = { reader, folder: dirname(path), clock }
  const cluster = readCluster(place, chosen.cluster)
  const user = readUser(place, chosen.user, cluster, execTimeoutMs)
  const { server, ca, insecureSkipTlsVerify, serverName } = cluster
  secureContextOf({ ...user.last, ca: ca?.last })

  return {
    server,
    namespace,
    async credentials() {
      const [identity, freshCa] = await Promise.all([user.read(), ca?.read()])
      return { ...identity, ca: freshCa, insecureSkipTlsVerify, serverName }
    },
    refuse() {
      user.refuse()
      ca?.refuse()
    },
  }
}
