import { CanaryError } from '@model-canary/core'
import { collectionPath, fieldSelector, objectPath } from './address.js'
import type { KubeAddress } from './kube.js'

/** One question to the server, ready to be sent. */
export interface Ask {
  /** The verb as a Role names it. */
  readonly verb: 'get' | 'list' | 'watch' | 'patch' | 'create'
  readonly address: KubeAddress
  readonly method: 'GET' | 'PATCH' | 'POST'
  /** The path below the server's own, with the query. */
  readonly path: string
  readonly body?: string
  readonly contentType?: string
  /** False where doing it twice is not the same as doing it once. */
  readonly isRepeatable: boolean
  /** True where it must not keep the process alive. */
  readonly isBackground: boolean
}

const MANAGER = new URLSearchParams({ fieldManager: 'model-canary' })

/** Asks for one object. */
export function askObject(address: KubeAddress): Ask {
  return { verb: 'get', address, method: 'GET', path: objectPath(address), isRepeatable: true, isBackground: false }
}

/** Asks for a merge patch of one object. */
export function askMergePatch(address: KubeAddress, patch: object): Ask {
  return {
    verb: 'patch',
    address,
    method: 'PATCH',
    path: `${objectPath(address)}?${MANAGER}`,
    body: bodyOf('patch', patch),
    contentType: 'application/merge-patch+json',
    isRepeatable: true,
    isBackground: false,
  }
}

/** Asks for a new object in a collection. */
export function askCreate(address: KubeAddress, object: object): Ask {
  return {
    verb: 'create',
    address,
    method: 'POST',
    path: `${collectionPath(address)}?${MANAGER}`,
    body: bodyOf('object', object),
    contentType: 'application/json',
    isRepeatable: false,
    isBackground: false,
  }
}

/** Asks whether an object is there, and from which version on its changes can be followed. */
export function askList(address: KubeAddress): Ask {
  const query = new URLSearchParams({ fieldSelector: fieldSelector(address) })
  const path = `${collectionPath(address)}?${query}`
  return { verb: 'list', address, method: 'GET', path, isRepeatable: true, isBackground: true }
}

/** Asks for the changes of one object after a version, for so many seconds. */
export function askWatch(address: KubeAddress, resourceVersion: string, timeoutSeconds: number): Ask {
  const query = new URLSearchParams({
    watch: 'true',
    fieldSelector: fieldSelector(address),
    resourceVersion,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(timeoutSeconds),
  })
  const path = `${collectionPath(address)}?${query}`
  return { verb: 'watch', address, method: 'GET', path, isRepeatable: true, isBackground: true }
}

/** Puts a question in words, such as `patch of configmaps "sentiment" in namespace "default"`. */
export function inWords({ verb, address: { group, plural, namespace, name } }: Ask): string {
  const resource = group === '' ? plural : `${plural}.${group}`
  return `${verb} of ${resource} "${name}" in namespace "${namespace}"`
}

function bodyOf(name: string, value: object): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CanaryError('INVALID_OPTION', `${name} must be an object that JSON can hold`)
  }
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new CanaryError('INVALID_OPTION', `${name} must be an object that JSON can hold`, { cause })
  }
}
