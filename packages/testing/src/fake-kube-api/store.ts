import type { FakeObject } from './object.js'
import type { FakeResource } from './resource.js'

/** One change of one object, as a watch reports it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: FakeResource
  readonly object: FakeObject
  readonly revision: number
}

/** Where an object is. */
export interface Place {
  readonly resource: FakeResource
  readonly namespace: string
  readonly name: string
}

/** A selection of objects, by namespace and name if given. */
export interface Selection {
  readonly resource: FakeResource
  readonly namespace: string | undefined
  readonly name: string | undefined
}

/** The objects of a fake API server and the history of their changes. */
export interface Store {
  revision(): number
  /** Returns whether a namespace exists: it was named at the start, or an object was put into it. */
  hasNamespace(namespace: string): boolean
  find(place: Place): FakeObject | undefined
  select(selection: Selection): readonly FakeObject[]
  /** Makes a change. The object gets the next resourceVersion, and the watches are notified. */
  commit(type: Change['type'], resource: FakeResource, object: FakeObject): FakeObject
  /** Returns the changes after a revision; `undefined` if the history does not go back that far. */
  since(revision: number): readonly Change[] | undefined
  /** The oldest revision from which the history is complete. */
  oldest(): number
  compact(): void
  subscribe(listener: (change: Change) => void): () => void
}

/** The first revision: well above 1, so that a resourceVersion made up by a client is too old. */
const FIRST_REVISION = 1_000

/** Creates a store without objects. */
export function createStore(namespaces: readonly string[]): Store {
  const known = new Set(namespaces)
  const objects = new Map<string, { readonly resource: FakeResource; readonly object: FakeObject }>()
  const listeners = new Set<(change: Change) => void>()
  let history: Change[] = []
  let revision = FIRST_REVISION
  let oldest = FIRST_REVISION

  const record = (type: Change['type'], resource: FakeResource, object: FakeObject) => {
    const key = keyOf({ resource, ...object.metadata })
    if (type === 'DELETED') objects.delete(key)
    else objects.set(key, { resource, object })
    const change: Change = { type, resource, object, revision }
    history.push(change)
    for (const listener of [...listeners]) listener(change)
  }

  return {
    revision: () => revision,
    hasNamespace: (namespace) => known.has(namespace),
    find: (place) => objects.get(keyOf(place))?.object,
    select: (selection) =>
      [...objects.values()].filter((entry) => isSelected(selection, entry)).map(({ object }) => object),
    commit(type, resource, object) {
      revision += 1
      known.add(object.metadata.namespace)
      const metadata = { ...object.metadata, resourceVersion: String(revision) }
      const committed = { ...object, metadata }
      record(type, resource, committed)
      return committed
    },
    since: (from) => (from < oldest ? undefined : history.filter((change) => change.revision > from)),
    oldest: () => oldest,
    compact() {
      history = []
      oldest = revision
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Returns whether an object is selected. */
export function isSelected(
  { resource, namespace, name }: Selection,
  entry: { readonly resource: FakeResource; readonly object: FakeObject },
): boolean {
  const { metadata } = entry.object
  return (
    entry.resource === resource &&
    (namespace === undefined || metadata.namespace === namespace) &&
    (name === undefined || metadata.name === name)
  )
}

const keyOf = ({ resource: { group, plural }, namespace, name }: Place): string =>
  [group, plural, namespace, name].join('/')
