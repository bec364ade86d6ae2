import type { ExecSpec } from './exec-spec.js'
import type { Cluster } from './kubeconfig-cluster.js'

/** Returns KUBERNETES_EXEC_INFO for a plugin: the version of its output and, if it asks for it, the cluster. */
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
