import { istioManifests, roleManifests } from '@model-canary/istio'
import { CONTROLLER, NAMESPACE, ROUTE, SERVICE, STATE, SUBSETS, VERSIONS } from './names.js'

/** The generated files of `manifests/`. */
export const manifestFiles: Readonly<Record<string, string>> = {
  'route.yaml': istioManifests({
    name: SERVICE,
    namespace: NAMESPACE,
    route: ROUTE,
    subsets: SUBSETS,
    labels: { baseline: { version: VERSIONS.baseline }, canary: { version: VERSIONS.canary } },
  }).yaml,
  'role.yaml': roleManifests({
    name: CONTROLLER,
    namespace: NAMESPACE,
    virtualService: SERVICE,
    destinationRule: SERVICE,
    configMap: STATE,
  }).yaml,
}
