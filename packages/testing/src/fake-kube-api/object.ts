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
  readonly [member: string]: unknown
}
