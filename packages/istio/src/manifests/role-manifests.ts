import { refuseUnknown } from '@model-canary/foundation'
import type { KubeObject } from '../kube/kube.js'
import { given, yamlOf } from './manifest.js'
import { objectName, optional, segmentName } from './names.js'

/** What a controller is allowed to touch. */
export interface RoleManifestsOptions {
  /** The name of the Role, the RoleBinding and the ServiceAccount. */
  readonly name: string
  readonly namespace?: string
  readonly virtualService?: string
  readonly destinationRule?: string
  readonly httpRoute?: string
  /** The service of the baseline: whether it has endpoints is read before a rollback of a promoted canary. */
  readonly service?: string
  /** The ConfigMap of `configMapStore`. */
  readonly configMap?: string
}

/** Manifests as objects, and as a file. */
export interface RoleManifests {
  readonly objects: readonly KubeObject[]
  readonly yaml: string
}

/**
 * The least that a controller must be allowed to do: reading, patching and watching the objects that it is to move, by name.
 *
 * Creating cannot be restricted to a name; it is asked for only where there is a ConfigMap to be made.
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
