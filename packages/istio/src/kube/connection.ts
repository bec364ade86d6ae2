// The ways to a server, in one place.

export type { KubeConnection, KubeCredentials } from './credentials.js'
export { type InClusterOptions, inCluster } from './in-cluster.js'
export { type KubeconfigOptions, kubeconfig } from './kubeconfig.js'
