import type { CanaryError } from '@model-canary/core'

/** The metadata that every object of the API has. */
export interface KubeMetadata {
  /** The name of the object. */
  readonly name: string
  /** The namespace of the object. */
  readonly namespace?: string
  /** Changes with every write. A patch that contains it fails if the object has been written since. */
  readonly resourceVersion?: string
  /** Rises with every change of the specification. */
  readonly generation?: number
  /** Texts that clients attach to the object, by name. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Other metadata, such as `labels`. */
  readonly [member: string]: unknown
}

/** An object of the Kubernetes API, as the server returns it. */
export interface KubeObject {
  /** The API group and version, such as `networking.istio.io/v1`. */
  readonly apiVersion: string
  /** The kind, such as `VirtualService`. */
  readonly kind: string
  /** The name, the namespace and the versions of the object. */
  readonly metadata: KubeMetadata
  /** The members of the kind, such as `spec`. */
  readonly [member: string]: unknown
}

/** The location of an object in the API. */
export interface KubeAddress {
  /** The API group. `''` is the core API (`/api/v1/…`); all others are below `/apis/<group>`. */
  readonly group: string
  /** The version of the group, such as `v1`. */
  readonly version: string
  /** The resource in the plural and in lower case, such as `virtualservices`. */
  readonly plural: string
  /** The namespace of the object. */
  readonly namespace: string
  /** The name of the object. */
  readonly name: string
}

/** An event of a watch. After a `failed`, the present state is reported as soon as the server answers again. */
export type KubeEvent =
  | { readonly type: 'present'; readonly object: KubeObject }
  | { readonly type: 'gone' }
  | { readonly type: 'failed'; readonly error: CanaryError }

/**
 * A client of the Kubernetes API, with the verbs that a canary needs.
 *
 * The promises reject with `KUBE_UNAUTHORIZED` (401), `KUBE_FORBIDDEN` (403), `KUBE_NOT_FOUND` (404), `KUBE_CONFLICT`
 * (409), `KUBE_INVALID` (422), `KUBE_THROTTLED` (429), `KUBE_FAILED` (any other error status, or a response that cannot
 * be read), `KUBE_UNREACHABLE` (network, time limit, TLS), `KUBE_CONFIG` (credentials that cannot be read) or
 * `INVALID_OPTION` (an invalid address). If the given signal is aborted, they immediately reject with its reason.
 */
export interface Kube {
  /** Reads one object. */
  get(address: KubeAddress, signal?: AbortSignal): Promise<KubeObject>
  /**
   * Changes the members that the patch names, and nothing else (RFC 7396); field manager `model-canary`.
   * With `metadata.resourceVersion` in the patch, it rejects with `KUBE_CONFLICT` if the object has been written since.
   * That write may have been this very patch, retried because its response was lost. Read the object and decide again.
   */
  mergePatch(address: KubeAddress, patch: object, signal?: AbortSignal): Promise<KubeObject>
  /**
   * Creates an object in the collection of the address; `KUBE_CONFLICT` if one of that name exists.
   * It is retried only if the server has certainly not created the object.
   */
  create(address: KubeAddress, object: object, signal?: AbortSignal): Promise<KubeObject>
  /**
   * Watches one object: reports its present state first, then every change, until the returned function is called.
   *
   * After a connection was cut or hung, it continues from the last version. It reads the state again if the server no
   * longer has that version (410), or if two connections in a row end early. Any other failure is reported, then
   * retried with growing pauses. It needs the verbs `list` and `watch`.
   * It never throws, does not call the listener before it has returned, and does not keep the process alive.
   */
  watch(address: KubeAddress, listener: (event: KubeEvent) => void): () => void
}
