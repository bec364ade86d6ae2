import { refuseUnknown } from '@model-canary/foundation'
import type { KubeObject } from '../kube/kube.js'
import { given, yamlOf } from './manifest.js'
import { objectName, optional, segmentName } from './names.js'

/** The options of {@link roleManifests}: the objects that a controller may access. */
export interface RoleManifestsOptions {
  /** The name of the Role, the RoleBinding and the ServiceAccount. */
  readonly name: string
  /** The namespace of the three objects. */
  readonly namespace?: string
  /** The VirtualService whose weights the controller sets. */
  readonly virtualService?: string
  /** The DestinationRule that the controller checks, and whose canary subset it may change. */
  readonly destinationRule?: string
  /** The HTTPRoute whose weights the controller sets. */
  readonly httpRoute?: string
  /**
   * The service of the baseline, whose endpoints are checked before a promoted canary is rolled back. If the versions are
   * subsets, this also needs `destinationRule`.
   */
  readonly service?: string
  /** The name of the ConfigMap and of the Lease of `kubeStore`. */
  readonly configMap?: string
}

/** The manifests as objects and as YAML. */
export interface RoleManifests {
  /** The ServiceAccount, the Role and the RoleBinding. */
  readonly objects: readonly KubeObject[]
  /** The three objects as YAML for `kubectl apply -f`. */
  readonly yaml: string
}

/**
 * Returns a Role with the fewest permissions that a controller needs: to get, list, watch and patch the named objects.
 *
 * Permission to create cannot be restricted to a name. It is included only if `configMap` is given.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const { yaml } = roleManifests({ name: 'sentiment-canary', namespace: 'models', virtualService: 'sentiment' })
 */
export function roleManifests(options: RoleManifestsOptions): RoleManifests {
  refuseUnknown('roleManifests', options, {
    name: 1,
    namespace: 1,
    virtualService: 1,
    destinationRule: 1,
    httpRoute: 1,
    service: 1,
    configMap: 1,
  })
  const name = objectName('name', options.name)
  const namespace = optional(segmentName, 'namespace', options.namespace)
  const metadata = { name, ...given('namespace', namespace) }
  const rule = (apiGroup: string, resource: string, object: string | undefined, verbs: readonly string[]) =>
    object === undefined
      ? []
      : [{ apiGroups: [apiGroup], resources: [resource], resourceNames: [objectName(resource, object)], verbs }]
  const moved = ['get', 'list', 'watch', 'patch']
  const { virtualService, destinationRule, httpRoute, service, configMap } = options
  const rules = [
    ...rule('networking.istio.io', 'virtualservices', virtualService, moved),
    ...rule('networking.istio.io', 'destinationrules', destinationRule, moved),
    ...rule('gateway.networking.k8s.io', 'httproutes', httpRoute, moved),
    ...rule('', 'endpoints', service, ['get']),
    ...(service === undefined ? [] : [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]),
    ...rule('', 'configmaps', configMap, moved),
    ...(configMap === undefined ? [] : [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create'] }]),
    ...rule('coordination.k8s.io', 'leases', configMap, ['get', 'patch']),
    ...(configMap === undefined
      ? []
      : [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] }]),
  ]
  const objects: readonly KubeObject[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, ...given('namespace', namespace) }],
    },
  ]
  return { objects, yaml: yamlOf(objects) }
}
