import { isDeepStrictEqual } from 'node:util'
import { admitChange, admitNew, birthAt } from './admit.js'
import { type Call, isObjectCall, type ObjectCall, type Reply } from './call.js'
import { isObject, objectAt } from './json.js'
import type { FakeObject } from './object.js'
import { acceptedBy, patched } from './patched.js'
import { apiVersionOf, asVersion } from './resource.js'
import { selectionOf } from './selection.js'
import {
  alreadyExists,
  badRequest,
  conflict,
  deleted,
  type KubeStatus,
  methodNotAllowed,
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
  if (current === undefined) return refuse(notFound(call.resource, call.name))
  switch (call.method) {
    case 'GET':
      return { status: 200, body: asVersion(current, call.resource, call.version) }
    case 'PUT':
      return bodyProblem(call) ?? change(store, call, current, { value: call.body.content })
    case 'PATCH':
      return change(store, call, current, patched(asVersion(current, call.resource, call.version), call))
    case 'DELETE':
      return remove(store, call, current)
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

function create(store: Store, now: () => number, call: Call & { readonly namespace: string }): Reply {
  const { resource, version, body } = call
  const admitted = admitNew(call, version, body.content, birthAt(now()))
  if ('refused' in admitted) return refuse(admitted.refused)
  const { name, namespace } = admitted.value.metadata
  if (store.find({ resource, namespace, name }) !== undefined) return refuse(alreadyExists(resource, name))
  return { status: 201, body: asVersion(commit(store, 'ADDED', call, admitted.value), resource, version) }
}

function change(store: Store, call: ObjectCall, current: FakeObject, next: Outcome<unknown>): Reply {
  if ('refused' in next) return refuse(next.refused)
  const { resource, version, part } = call
  const admitted = admitChange(call, version, current, next.value, part)
  if ('refused' in admitted) return refuse(admitted.refused)
  const isSame = isDeepStrictEqual(admitted.value, current)
  const stored = isSame ? current : commit(store, 'MODIFIED', call, admitted.value)
  return { status: 200, body: asVersion(stored, resource, version) }
}

function remove(store: Store, call: ObjectCall, current: FakeObject): Reply {
  const { resource, name, body } = call
  const { uid, resourceVersion } = objectAt(isObject(body.content) ? body.content : {}, 'preconditions')
  const { metadata } = current
  const isMet = (uid ?? metadata.uid) === metadata.uid
  const isCurrent = (resourceVersion ?? metadata.resourceVersion) === metadata.resourceVersion
  if (!isMet || !isCurrent) return refuse(conflict(resource, name, 'Precondition failed'))
  commit(store, 'DELETED', call, current)
  return { status: 200, body: deleted(resource, name, metadata.uid) }
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
