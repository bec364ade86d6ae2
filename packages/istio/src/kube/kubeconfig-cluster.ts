import type { Value } from './file-value.js'
import { isRecord, type JsonRecord } from './json-record.js'
import { pemValue, type ValuePlace } from './kubeconfig-value.js'
import { serverUrl } from './server-url.js'

/** A cluster's entry in a kubeconfig. */
export interface Cluster {
  readonly server: string
  readonly ca: Value | undefined
  readonly insecureSkipTlsVerify: boolean
  readonly serverName: string | undefined
  /** The cluster's settings for an `exec` plugin, which are passed on unread. */
  readonly execConfig: unknown
}

const WHERE = "the cluster's"
const EXEC_EXTENSION = 'client.authentication.k8s.io/exec'

/** Reads a cluster's entry. @throws `KUBE_CONFIG` */
export function readCluster(place: ValuePlace, cluster: JsonRecord): Cluster {
  const { reader } = place
  if (reader.text(cluster, 'proxy-url', WHERE) !== undefined) {
    throw reader.refuse('proxy-url is not supported; use a server that can be reached without a proxy')
  }
  const ca = pemValue(place, cluster, 'certificate-authority', WHERE)
  const insecureSkipTlsVerify = reader.flag(cluster, 'insecure-skip-tls-verify', WHERE)
  if (ca !== undefined && insecureSkipTlsVerify) {
    throw reader.refuse('insecure-skip-tls-verify makes the certificate-authority useless; remove one of them')
  }
  const server = reader.text(cluster, 'server', WHERE)
  serverUrl(server)
  const extension = reader
    .list(cluster, 'extensions', WHERE)
    .find((entry) => isRecord(entry) && entry.name === EXEC_EXTENSION)
  return {
    server: server ?? '',
    ca,
    insecureSkipTlsVerify,
    serverName: reader.text(cluster, 'tls-server-name', WHERE),
    execConfig: isRecord(extension) ? extension.extension : undefined,
  }
}
