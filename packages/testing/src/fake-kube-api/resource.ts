import type { FakeObject } from './object.js'
import type { FakeSchema } from './schema.js'

/** A kind of object that the fake API server serves. */
export interface FakeResource {
  /** The API group; the empty string is the core API. */
  readonly group: string
  /** Every version that is served, the preferred one first. All versions have the same objects. */
  readonly versions: readonly string[]
  readonly plural: string
  readonly kind: string
  readonly shortNames?: readonly string[]
  /**
   * True for built-in resources, such as a ConfigMap. They take strategic merge patches and updates
   * without a resourceVersion, and have neither generation nor status. Custom resources are the opposite.
   *
   * @default false
   */
  readonly builtIn?: boolean
  /** The schema of an object, in the part of OpenAPI that `FakeSchema` supports. @default anything */
  readonly schema?: FakeSchema
}

/** The apiVersion of objects of a group, such as `networking.istio.io/v1`. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

/** The resource with its group, as messages name it. */
export function qualifiedName({ plural, group }: FakeResource): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** Returns the object under another version of its group. */
export function asVersion(object: FakeObject, { group }: FakeResource, version: string): FakeObject {
  return { ...object, apiVersion: apiVersionOf(group, version) }
}
