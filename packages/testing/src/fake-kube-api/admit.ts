import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { configMapCauses } from './config-map.js'
import { isObject, type JsonObject, objectAt, without } from './json.js'
import { isSubdomain, NOT_A_SUBDOMAIN } from './name.js'
import type { FakeMetadata, FakeObject } from './object.js'
import { apiVersionOf, type FakeResource } from './resource.js'
import { type FakeSchema, type FieldCause, invalidValue, misfits, pruned } from './schema.js'
import { badRequest, conflict, invalid, type KubeStatus, type Outcome } from './status.js'
import type { Place } from './store.js'

/** What the server itself adds to an object. */
export interface Birth {
  readonly uid: string
  readonly creationTimestamp: string
}

/** Returns what the server adds to an object created at this time, in milliseconds since 1970. */
export function birthAt(ms: number): Birth {
  return { uid: randomUUID(), creationTimestamp: new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z') }
}

/** Returns the object that a POST creates, or why it cannot. */
export function admitNew(
  { resource, namespace }: Pick<Place, 'resource' | 'namespace'>,
  version: string,
  given: unknown,
  birth: Birth,
): Outcome<FakeObject> {
  if (!isObject(given)) return { refused: badRequest('the body of the request is no object') }
  const body = known(resource, given)
  const metadata = objectAt(body, 'metadata')
  const name = String(metadata.name ?? '')
  const refused =
    wrongKind(resource, version, body) ??
    wrongNamespace(namespace, metadata) ??
    badName(resource, name) ??
    versionOfTheUnborn(metadata) ??
    badContent(resource, name, body, undefined)
  if (refused !== undefined) return { refused }

  const born = { ...without(metadata, 'generation', ...OF_THE_SERVER), name, namespace, ...birth, resourceVersion: '' }
  const generation = resource.builtIn ? {} : { generation: 1 }
  return { value: shaped(resource, resource.builtIn ? body : without(body, 'status'), { ...born, ...generation }) }
}

/** Returns the current object after an update, or why the update is refused. */
export function admitChange(
  { resource, namespace, name }: Place,
  version: string,
  current: FakeObject,
  given: unknown,
  part: 'object' | 'status',
): Outcome<FakeObject> {
  if (!isObject(given)) return { refused: badRequest('what comes of the request is no object') }
  const next = known(resource, given)
  const metadata = objectAt(next, 'metadata')
  const refused =
    wrongKind(resource, version, next) ??
    wrongNamespace(namespace, metadata) ??
    otherName(name, metadata) ??
    staleVersion(resource, current, metadata) ??
    badContent(resource, name, next, current)
  if (refused !== undefined) return { refused }

  const changed = part === 'status' ? { ...current, status: next.status } : withStatusOf(current, resource, next)
  return { value: shaped(resource, changed, metadataOf(resource, current, changed, metadata, part)) }
}

/** The status of a custom resource is separate: a write of the object does not change it. */
function withStatusOf(current: FakeObject, { builtIn }: FakeResource, next: JsonObject): JsonObject {
  if (builtIn) return next
  const own = without(next, 'status')
  return current.status === undefined ? own : { ...own, status: current.status }
}

function metadataOf(
  { builtIn }: FakeResource,
  current: FakeObject,
  changed: JsonObject,
  metadata: JsonObject,
  part: 'object' | 'status',
): FakeMetadata {
  if (part === 'status') return current.metadata
  const { name, namespace, uid, creationTimestamp, resourceVersion } = current.metadata
  const own = Object.fromEntries(Object.entries(current.metadata).filter(([member]) => OF_THE_SERVER.includes(member)))
  const given = without(metadata, 'generation', ...OF_THE_SERVER)
  const kept = { ...given, ...own, name, namespace, uid, creationTimestamp, resourceVersion }
  return builtIn ? kept : { ...kept, generation: generationAfter(current, changed) }
}

/** Returns the generation of a custom resource after a change: higher if its content differs. */
export function generationAfter(current: FakeObject, changed: JsonObject): number {
  const { generation = 1 } = current.metadata
  return isDeepStrictEqual(content(current), content(changed)) ? generation : generation + 1
}

const content = (object: JsonObject): JsonObject => without(object, 'apiVersion', 'kind', 'metadata', 'status')

/** Returns the object as it is stored: under the first version of its group. */
function shaped(resource: FakeResource, object: JsonObject, metadata: FakeMetadata): FakeObject {
  const apiVersion = apiVersionOf(resource.group, resource.versions[0]!)
  return { apiVersion, kind: resource.kind, metadata, ...without(object, 'apiVersion', 'kind', 'metadata') }
}

function wrongKind({ group, kind, builtIn }: FakeResource, version: string, body: JsonObject): KubeStatus | undefined {
  const expected = { apiVersion: apiVersionOf(group, version), kind }
  const { apiVersion, kind: given } = builtIn ? { ...expected, ...body } : body
  if (apiVersion !== expected.apiVersion) {
    const found = `the API version in the data (${show(apiVersion)})`
    return badRequest(`${found} does not match the expected API version (${expected.apiVersion})`)
  }
  return given === kind ? undefined : badRequest(`the kind in the data (${show(given)}) is not ${kind}`)
}

function wrongNamespace(namespace: string, metadata: JsonObject): KubeStatus | undefined {
  if (metadata.namespace === undefined || metadata.namespace === namespace) return undefined
  return badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

function badName(resource: FakeResource, name: string): KubeStatus | undefined {
  if (name === '') {
    const message = 'Required value: name or generateName is required'
    return invalid(resource, '', [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }])
  }
  if (isSubdomain(name)) return undefined
  return invalid(resource, name, [invalidValue('metadata.name', JSON.stringify(name), NOT_A_SUBDOMAIN)])
}

function versionOfTheUnborn({ resourceVersion }: JsonObject): KubeStatus | undefined {
  if (resourceVersion === undefined || resourceVersion === '') return undefined
  return badRequest('resourceVersion should not be set on objects to be created')
}

function otherName(name: string, metadata: JsonObject): KubeStatus | undefined {
  if (metadata.name === name) return undefined
  return badRequest(`the name of the object (${show(metadata.name)}) does not match the name on the URL (${name})`)
}

function staleVersion(resource: FakeResource, current: FakeObject, metadata: JsonObject): KubeStatus | undefined {
  const { name, resourceVersion, uid } = current.metadata
  if (metadata.uid !== undefined && metadata.uid !== uid) {
    return conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${show(metadata.uid)}, UID in object meta: ${uid}`,
    )
  }
  if (metadata.resourceVersion === undefined || metadata.resourceVersion === '') {
    if (resource.builtIn) return undefined
    return invalid(resource, name, [invalidValue('metadata.resourceVersion', '0x0', 'must be specified for an update')])
  }
  return metadata.resourceVersion === resourceVersion ? undefined : conflict(resource, name)
}

function badContent(
  resource: FakeResource,
  name: string,
  object: JsonObject,
  before: FakeObject | undefined,
): KubeStatus | undefined {
  const causes = [
    ...misfits(METADATA, object),
    ...misfits(resource.schema ?? {}, object),
    ...configMapCauses(resource, object, before),
    ...lateFinalizers(object, before),
  ]
  return causes.length === 0 ? undefined : invalid(resource, name, causes)
}

/** Finalizers cannot be added to an object that is being deleted. */
function lateFinalizers(object: JsonObject, before: FakeObject | undefined): readonly FieldCause[] {
  if (before?.metadata.deletionTimestamp === undefined) return []
  const { finalizers } = objectAt(object, 'metadata')
  const added = (Array.isArray(finalizers) ? finalizers : []).some(
    (each) => !before.metadata.finalizers?.includes(each),
  )
  const message = 'Forbidden: no new finalizers can be added if the object is being deleted'
  return added ? [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }] : []
}

/** Returns an object without the members that the server does not know. */
function known({ schema }: FakeResource, object: JsonObject): JsonObject {
  const { metadata } = pruned(METADATA, { metadata: object.metadata }) as JsonObject
  const { apiVersion, kind, status } = object
  const own = { apiVersion, kind, status, metadata: metadata ?? object.metadata }
  const content = without(object, ...Object.keys(own))
  const whole = { ...own, ...(pruned(schema ?? {}, content) as JsonObject) }
  return Object.fromEntries(Object.entries(whole).filter(([member, value]) => value !== undefined || member in object))
}

const MAP: FakeSchema = { type: 'object', additionalProperties: { type: 'string' } }

const METADATA: FakeSchema = {
  type: 'object',
  properties: {
    metadata: {
      type: 'object',
      properties: {
        ...{ name: {}, generateName: {}, namespace: {}, uid: {}, resourceVersion: {}, generation: {}, labels: MAP },
        ...{ creationTimestamp: {}, deletionTimestamp: {}, deletionGracePeriodSeconds: {}, annotations: MAP },
        ...{ ownerReferences: {}, managedFields: {}, selfLink: {} },
        finalizers: { type: 'array', items: { type: 'string' } },
      },
    },
  },
}

/** The members of metadata that clients cannot write. */
const OF_THE_SERVER: readonly string[] = ['managedFields', 'deletionTimestamp', 'deletionGracePeriodSeconds']

const show = (value: unknown): string => String(value ?? '').slice(0, 253)
