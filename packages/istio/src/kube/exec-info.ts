import type { ExecSpec } from './exec-spec.js'
import type { Cluster } from './kubeconfig-cluster.js'

/** Tells a plugin the version to answer in, and of the cluster where it asks: KUBERNETES_EXEC_INFO. */
export function execInfo({ apiVersion, provideClusterInfo }: ExecSpec, cluster: Cluster): string {
  const spec = { interactive: false, ...(provideClusterInfo ? { cluster: clusterOf(cluster) } : {}) }
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec })
}

function clusterOf({ server, serverName, insecureSkipTlsVerify, ca, execConfig }: Cluster): object {
  return {
    server,
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
    ...(insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca.last).toString('base64') }),
    ...(execConfig === undefined ? {} : { config: execConfig }),
  }
}
