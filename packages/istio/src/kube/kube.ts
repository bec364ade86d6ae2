import type { CanaryError } from '@model-canary/core'

/** What every object of the API carries beside its own members. */
export interface KubeMetadata {
  readonly name: string
  readonly namespace?: string
  /** Changes with every write; sent back in a patch, it makes a write to an object that has moved on fail. */
  readonly resourceVersion?: string
  /** Rises with every change of the specification. */
  readonly generation?: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly [member: string]: unknown
}

/** An object of the Kubernetes API, as the server tells it. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: KubeMetadata
  readonly [member: string]: unknown
}

/** Where an object is: group `''` is the core API (`/api/v1/…`), any other is below `/apis/<group>`. */
export interface KubeAddress {
  readonly group: string
  readonly version: string
  /** The resource in the plural and in small letters, such as `virtualservices`. */
  readonly plural: string
  readonly namespace: string
  readonly name: string
}

/** What a watch tells. After a `failed` comes the state that is found once the server answers again. */
export type KubeEvent =
  | { readonly type: 'present'; readonly object: KubeObject }
  | { readonly type: 'gone' }
  | { readonly type: 'failed'; readonly error: CanaryError }

/**
 * The few verbs of the Kubernetes API that a canary needs.
 *
 * The promises reject with `KUBE_UNAUTHORIZED` (401), `KUBE_FORBIDDEN` (403), `KUBE_NOT_FOUND` (404), `KUBE_CONFLICT` (409),
 * `KUBE_INVALID` (422), `KUBE_THROTTLED` (429), `KUBE_FAILED` (any other refusal, or an answer that is none),
 * `KUBE_UNREACHABLE` (network, time limit, TLS), `KUBE_CONFIG` (credentials that cannot be read), `INVALID_OPTION` (an
 * address that cannot be one), or with the reason of the signal that was given, at once.
 */
export interface Kube {
  /** Reads one object. */
  get(address: KubeAddress, signal?: AbortSignal): Promise<KubeObject>
  /**
   * Changes the members that the patch names, and nothing else (RFC 7396); field manager `model-canary`.
   * With `metadata.resourceVersion` in the patch, an object that was written since is a `KUBE_CONFLICT`: also when
   * that write was this patch itself, tried again because the answer to it was lost. Read anew and decide again.
   */
  mergePatch(address: KubeAddress, patch: object, signal?: AbortSignal): Promise<KubeObject>
  /**
   * Makes an object in the collection of the address; `KUBE_CONFLICT` if there is one of that name.
   * Tried again only where the server has certainly not made it yet.
   */
  create(address: KubeAddress, object: object, signal?: AbortSignal): Promise<KubeObject>
  /**
   * Follows one object: tells its present state first, then every change, until the returned function is called.
   *
   * Goes on where it was when a connection is cut or hangs. Reads anew when the server has forgotten the past (410), or ends
   * one connection after the other at once without a word. Tells any other failure, then tries again, ever more slowly.
   * Needs the verbs `list` and `watch`.
   * Never throws, never tells anything before it has returned, and does not keep the process alive.
   */
  watch(address: KubeAddress, listener: (event: KubeEvent) => void): () => void
}
