// The public surface, in sections.

// error codes
export { ISTIO_ERROR_CODES } from './error-codes.js'
// the cluster
export { createKube, type KubeOptions } from './kube/create-kube.js'
export type { KubeConnection, KubeCredentials } from './kube/credentials.js'
export { type InClusterOptions, inCluster } from './kube/in-cluster.js'
export type { Kube, KubeAddress, KubeEvent, KubeMetadata, KubeObject } from './kube/kube.js'
export { type KubeconfigOptions, kubeconfig } from './kube/kubeconfig.js'
// manifests
export {
  type Backend,
  type GatewayManifests,
  type GatewayManifestsOptions,
  gatewayManifests,
} from './manifests/gateway-manifests.js'
export { type IstioManifests, type IstioManifestsOptions, istioManifests } from './manifests/istio-manifests.js'
export { type RoleManifests, type RoleManifestsOptions, roleManifests } from './manifests/role-manifests.js'
export { bucketPattern } from './routes/bucket-pattern.js'
// state
export { type KubeStoreOptions, kubeStore } from './store/kube-store.js'
// targets
export { type GatewayTargetOptions, gatewayTarget } from './target/gateway-target.js'
export { type IstioTargetOptions, istioTarget, type MeshArms } from './target/istio-target.js'
export { MARK, type Mark } from './target/mark.js'
export type { SplitReading } from './target/read-split.js'
export type { OnDrift, RouteTarget } from './target/route-target.js'
