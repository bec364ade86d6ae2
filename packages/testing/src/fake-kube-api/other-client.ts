import { isDeepStrictEqual } from 'node:util'
import { refusal } from '../refusal.js'
import { admitNew, birthAt, generationAfter } from './admit.js'
import { beingDeleted, isAtItsEnd } from './deletion.js'
import { copyOf, isObject, objectAt, without } from './json.js'
import { mergePatch } from './merge-patch.js'
import type { FakeObject } from './object.js'
import { readPath } from './path.js'
import { apiVersionOf, asVersion, type FakeResource } from './resource.js'
import type { Store } from './store.js'

/** Another writer of the same objects, synchronous and without HTTP. */
export interface OtherClient {
  put(object: object): FakeObject
  peek(path: string): FakeObject | undefined
  change(path: string, patch: object): FakeObject
  remove(path: string): void
}

/** Creates the client with which a test acts as another writer. */
export function createOtherClient(store: Store, resources: readonly FakeResource[], now: () => number): OtherClient {
  /** Stores a change after the server has set its own fields. */
  const update = (resource: FakeResource, before: FakeObject, next: FakeObject): FakeObject => {
    const { name, namespace, uid, creationTimestamp, resourceVersion } = before.metadata
    const own = { name, namespace, uid, creationTimestamp, resourceVersion }
    const counted = resource.builtIn ? own : { ...own, generation: generationAfter(before, next) }
    const { apiVersion, kind } = before
    const changed = { ...next, apiVersion, kind, metadata: { ...next.metadata, ...counted } }
    if (isDeepStrictEqual(changed, before)) return before
    return store.commit(isAtItsEnd(changed) ? 'DELETED' : 'MODIFIED', resource, changed)
  }
  const present = (path: string) => {
    const { place, version } = placeOf(resources, path)
    const object = store.find(place)
    if (object === undefined) throw refusal(`there is no object at ${path}`)
    return { resource: place.resource, version, object }
  }

  return {
    put(object) {
      const { resource, version, fresh } = newObject(resources, object, now())
      const before = store.find({ resource, ...fresh.metadata })
      const stored = before === undefined ? store.commit('ADDED', resource, fresh) : update(resource, before, fresh)
      return copyOf(asVersion(stored, resource, version))
    },
    peek(path) {
      const { place, version } = placeOf(resources, path)
      const object = store.find(place)
      return object && copyOf(asVersion(object, place.resource, version))
    },
    change(path, patch) {
      const { resource, version, object } = present(path)
      const next = mergePatch(object, copyOf(patch)) as FakeObject
      return copyOf(asVersion(update(resource, object, next), resource, version))
    },
    remove(path) {
      const { resource, object } = present(path)
      const dying = beingDeleted(object, now())
      if (dying === undefined) store.commit('DELETED', resource, object)
      else if (dying !== object) store.commit('MODIFIED', resource, dying)
    },
  }
}

function newObject(resources: readonly FakeResource[], object: object, ms: number) {
  const { resource, version } = kindOf(resources, object)
  const body = copyOf(object) as FakeObject
  const metadata = without(objectAt(body, 'metadata'), 'resourceVersion', 'uid')
  const namespace = String(metadata.namespace ?? 'default')
  const admitted = admitNew({ resource, namespace }, version, { ...body, metadata }, birthAt(ms))
  if ('refused' in admitted) throw refusal(`put: ${admitted.refused.message}`)
  const status = resource.builtIn || body.status === undefined ? {} : { status: body.status }
  return { resource, version, fresh: { ...admitted.value, ...status } }
}

function kindOf(resources: readonly FakeResource[], object: object) {
  if (!isObject(object)) throw refusal('put takes an object with apiVersion, kind and metadata.name')
  const { apiVersion, kind } = object
  for (const resource of resources) {
    const version = resource.versions.find((served) => apiVersionOf(resource.group, served) === apiVersion)
    if (resource.kind === kind && version !== undefined) return { resource, version }
  }
  throw refusal(`put: ${String(kind)} of ${String(apiVersion)} is not served here; name it in "resources"`)
}

function placeOf(resources: readonly FakeResource[], path: string) {
  const { group, version, plural, namespace, name } = readPath(path) ?? {}
  const resource = resources.find((known) => known.group === group && known.plural === plural)
  if (resource === undefined || version === undefined || namespace === undefined || name === undefined) {
    throw refusal(`${path} is no object's path: /apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>`)
  }
  return { place: { resource, namespace, name }, version }
}
