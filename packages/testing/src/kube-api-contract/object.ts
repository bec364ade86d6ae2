/** As much of a VirtualService as the contract looks at. */
export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly code?: number
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly resourceVersion: string
    readonly generation: number
    readonly deletionTimestamp?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: VirtualServiceSpec
}

/** The content of a VirtualService. */
export interface VirtualServiceSpec {
  readonly hosts: readonly string[]
  readonly http: readonly { readonly name: string; readonly route: readonly RouteDestination[] }[]
}

interface RouteDestination {
  readonly destination: { readonly host: string; readonly subset: string }
  readonly weight: number
}

/** As much of a Status as the contract looks at. */
export interface StatusBody {
  readonly kind?: string
  readonly status?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: { readonly name?: string; readonly causes?: readonly { readonly field?: string }[] }
}

/** The routes of a VirtualService between two subsets of one host. */
export function routesOf(host: string, canaryWeight: number): VirtualServiceSpec['http'] {
  const to = (subset: string, weight: number): RouteDestination => ({ destination: { host, subset }, weight })
  return [{ name: 'primary', route: [to('v1', 100 - canaryWeight), to('v2', canaryWeight)] }]
}

/** The VirtualService that a rule begins with: nothing in it can be in the way of another one. */
export function virtualService(name: string, apiVersion: string): object {
  return {
    apiVersion,
    kind: 'VirtualService',
    metadata: { name, annotations: { kept: 'yes', changed: 'no' } },
    spec: { hosts: [name], http: routesOf(name, 10) },
  }
}
