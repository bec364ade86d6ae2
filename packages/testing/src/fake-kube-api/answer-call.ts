import { isDeepStrictEqual } from 'node:util'
import { admitChange, admitNew, birthAt } from './admit.js'
import { type Call, isObjectCall, isOn, type ObjectCall, type Reply } from './call.js'
import { beingDeleted, isAtItsEnd } from './deletion.js'
import { isObject, objectAt, without } from './json.js'
import { type Applied, applied, managersAfter, type Writer } from './managers.js'
import type { FakeObject, ManagedFields } from './object.js'
import { APPLY_PATCH, acceptedBy, patched } from './patched.js'
import { apiVersionOf, asVersion } from './resource.js'
import { selectionOf } from './selection.js'
import {
  alreadyExists,
  badRequest,
  conflict,
  deleted,
  type KubeStatus,
  methodNotAllowed,
  noNamespace,
  notFound,
  type Outcome,
  unsupportedMediaType,
} from './status.js'
import type { Store } from './store.js'

/** Answers everything but a watch. */
export function answerCall(store: Store, now: () => number, call: Call): Reply {
  if (!isObjectCall(call)) return answerCollection(store, now, call)
  if (call.method === 'PATCH' && !acceptedBy(call.resource).includes(call.contentType)) {
    return refuse(unsupportedMediaType(acceptedBy(call.resource))) // before the object is looked for
  }
  const current = store.find(call)
  if (call.method === 'PATCH' && call.contentType === APPLY_PATCH) return apply(store, now, call, current)
  if (current === undefined) return refuse(notFound(call.resource, call.name))
  switch (call.method) {
    case 'GET':
      return { status: 200, body: asVersion(current, call.resource, call.version) }
    case 'PUT':
      return bodyProblem(call) ?? change(store, now, call, current, { value: call.body.content })
    case 'PATCH':
      return change(store, now, call, current, patched(asVersion(current, call.resource, call.version), call))
    case 'DELETE':
      return remove(store, now, call, current)
    default:
      return refuse(methodNotAllowed())
  }
}

function answerCollection(store: Store, now: () => number, call: Call): Reply {
  if (call.method === 'GET') return list(store, call)
  if (call.method !== 'POST' || call.namespace === undefined) return refuse(methodNotAllowed())
  return bodyProblem(call) ?? create(store, now, { ...call, namespace: call.namespace })
}

function list(store: Store, call: Call): Reply {
  const selection = selectionOf(call)
  if ('refused' in selection) return refuse(selection.refused)
  const { resource, version } = call
  const body = {
    apiVersion: apiVersionOf(resource.group, version),
    kind: `${resource.kind}List`,
    metadata: { resourceVersion: String(store.revision()) },
    items: store.select(selection.value).map((object) => asVersion(object, resource, version)),
  }
  return { status: 200, body }
}

function create(store: Store, now: () => number, call: Call & { readonly namespace: string }, made?: Applied): Reply {
  const { resource, version, body } = call
  const content = made?.object ?? body.content
  const namespace = isObject(content) ? objectAt(content, 'metadata').namespace : undefined
  const isThere = namespace !== undefined && namespace !== call.namespace ? true : store.hasNamespace(call.namespace)
  if (!isThere) return refuse(noNamespace(call.namespace))
  const admitted = admitNew(call, version, content, birthAt(now()))
  if ('refused' in admitted) return refuse(admitted.refused)
  const { name } = admitted.value.metadata
  if (store.find({ resource, namespace: call.namespace, name }) !== undefined)
    return refuse(alreadyExists(resource, name))
  const managers = made?.managers ?? managersAfter(undefined, admitted.value, writerOf(call, now))
  const object = commit(store, 'ADDED', call, withManagers(admitted.value, managers))
  return { status: 201, body: asVersion(object, resource, version) }
}

function change(
  store: Store,
  now: () => number,
  call: ObjectCall,
  current: FakeObject,
  next: Outcome<unknown>,
  managers?: readonly ManagedFields[],
): Reply {
  if ('refused' in next) return refuse(next.refused)
  const { resource, version, part } = call
  const admitted = admitChange(call, version, current, next.value, part)
  if ('refused' in admitted) return refuse(admitted.refused)
  const isStatus = part === 'status'
  const owners = isStatus ? undefined : (managers ?? managersAfter(current, admitted.value, writerOf(call, now)))
  const changed = isStatus ? admitted.value : withManagers(admitted.value, owners)
  const isSame = isDeepStrictEqual(changed, current)
  const stored = isSame ? current : commit(store, isAtItsEnd(changed) ? 'DELETED' : 'MODIFIED', call, changed)
  return { status: 200, body: asVersion(stored, resource, version) }
}

/** A server-side apply: makes the object, or changes of it what is the manager's own, or nobody's. */
function apply(store: Store, now: () => number, call: ObjectCall, current: FakeObject | undefined): Reply {
  const { body, query, resource, version, name, namespace } = call
  if (!query.get('fieldManager')) return refuse(badRequest('fieldManager is required for apply patch'))
  if (!isObject(body.content)) return refuse(badRequest('the body of an apply is an object; here it is read as JSON'))
  if (objectAt(body.content, 'metadata').managedFields != null) {
    return refuse(badRequest('metadata.managedFields must be nil'))
  }
  const before = current ?? blank(call)
  const outcome = applied(
    asVersion(before, resource, version),
    body.content,
    writerOf(call, now),
    isOn(query.get('force')),
  )
  if ('refused' in outcome) return refuse(outcome.refused)
  if (current !== undefined)
    return change(store, now, call, current, { value: outcome.value.object }, outcome.value.managers)
  const metadata = { ...without(objectAt(outcome.value.object, 'metadata'), 'uid', 'resourceVersion'), name, namespace }
  return create(store, now, call, { ...outcome.value, object: { ...outcome.value.object, metadata } })
}

/** What an apply begins with where there is no object yet. */
function blank({ resource, version, name, namespace }: ObjectCall): FakeObject {
  const metadata = { name, namespace, uid: '', resourceVersion: '', creationTimestamp: '' }
  return { apiVersion: apiVersionOf(resource.group, version), kind: resource.kind, metadata }
}

function remove(store: Store, now: () => number, call: ObjectCall, current: FakeObject): Reply {
  const { resource, version, name, body } = call
  const { uid, resourceVersion } = objectAt(isObject(body.content) ? body.content : {}, 'preconditions')
  const { metadata } = current
  const isMet = (uid ?? metadata.uid) === metadata.uid
  const isCurrent = (resourceVersion ?? metadata.resourceVersion) === metadata.resourceVersion
  if (!isMet || !isCurrent) return refuse(conflict(resource, name, 'Precondition failed'))
  const dying = beingDeleted(current, now())
  if (dying !== undefined) {
    const stored = dying === current ? current : commit(store, 'MODIFIED', call, dying)
    return { status: 200, body: asVersion(stored, resource, version) }
  }
  commit(store, 'DELETED', call, current)
  return { status: 200, body: deleted(resource, name, metadata.uid) }
}

function writerOf({ query, agent, resource, version }: Call, now: () => number): Writer {
  const time = birthAt(now()).creationTimestamp
  return { manager: query.get('fieldManager') || agent, apiVersion: apiVersionOf(resource.group, version), time }
}

function withManagers(object: FakeObject, managedFields: readonly ManagedFields[] | undefined): FakeObject {
  return managedFields === undefined ? object : { ...object, metadata: { ...object.metadata, managedFields } }
}

/** Stores a change, unless the request only wants to know what would come of it. */
function commit(store: Store, type: 'ADDED' | 'MODIFIED' | 'DELETED', call: Call, object: FakeObject): FakeObject {
  return call.query.get('dryRun') === 'All' ? object : store.commit(type, call.resource, object)
}

function bodyProblem({ body, contentType }: Call): Reply | undefined {
  if (contentType !== '' && contentType !== 'application/json')
    return refuse(unsupportedMediaType(['application/json']))
  return body.isJson ? undefined : refuse(badRequest('the body of the request is not JSON'))
}

/** A Status, sent with its own code. */
export function refuse(status: KubeStatus): Reply {
  return { status: status.code, body: status }
}
