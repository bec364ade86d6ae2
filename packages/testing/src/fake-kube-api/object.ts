import type { JsonObject } from './json.js'

/** An object as the fake API server keeps it. */
export interface FakeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: FakeMetadata
  readonly [member: string]: unknown
}

/** What the server knows about an object besides its content. */
export interface FakeMetadata {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  /** Changes with every write. There is one counter for the whole server. */
  readonly resourceVersion: string
  readonly creationTimestamp: string
  /** Rises with the content of a custom resource, not with its metadata and status. */
  readonly generation?: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** While there are any, a deleted object is kept. */
  readonly finalizers?: readonly string[]
  /** When it was deleted. It is removed when it has no finalizers left. */
  readonly deletionTimestamp?: string
  /** Who wrote which fields over HTTP, as a real server records it. */
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
