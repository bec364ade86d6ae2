import type { JsonObject } from './json.js'

/** An object as the fake API server keeps it. */
export interface FakeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: FakeMetadata
  readonly [member: string]: unknown
}

/** What the server knows of an object besides its content. */
export interface FakeMetadata {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  /** Another one after every change; one counter for the whole server. */
  readonly resourceVersion: string
  readonly creationTimestamp: string
  /** Rises with the content of a custom resource, not with its metadata and status. */
  readonly generation?: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** While there are some, an object that is deleted stays. */
  readonly finalizers?: readonly string[]
  /** When it was deleted; it is gone once its finalizers are. */
  readonly deletionTimestamp?: string
  /** Who wrote which fields, as a real server keeps it; of what came over HTTP. */
  readonly managedFields?: readonly ManagedFields[]
  readonly [member: string]: unknown
}

/** The fields that one writer owns. */
export interface ManagedFields {
  readonly manager: string
  /** `Apply`: by server-side apply; `Update`: by any other write. */
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly time: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: JsonObject
}
