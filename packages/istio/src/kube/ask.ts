import { CanaryError } from '@model-canary/core'
import { collectionPath, fieldSelector, objectPath } from './address.js'
import type { KubeAddress } from './kube.js'

/** One request to the server, ready to be sent. */
export interface Ask {
  /** The verb as a Role names it. */
  readonly verb: 'get' | 'list' | 'watch' | 'patch' | 'create'
  readonly address: KubeAddress
  readonly method: 'GET' | 'PATCH' | 'POST'
  /** The path and query, relative to the server's URL. */
  readonly path: string
  readonly body?: string
  readonly contentType?: string
  /** Whether it can be sent twice with the same effect as once. */
  readonly isRepeatable: boolean
  /** Whether the process may exit while it is pending. */
  readonly isBackground: boolean
}

const MANAGER = new URLSearchParams({ fieldManager: 'model-canary' })

/** Returns the request that reads one object. */
export function askObject(address: KubeAddress): Ask {
  return { verb: 'get', address, method: 'GET', path: objectPath(address), isRepeatable: true, isBackground: false }
}

/** Returns the request that merges a patch into one object. */
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

/** Returns the request that creates an object in a collection. */
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

/** Returns the request that finds an object, if it exists, and the version from which a watch can start. */
export function askList(address: KubeAddress): Ask {
  const query = new URLSearchParams({ fieldSelector: fieldSelector(address) })
  const path = `${collectionPath(address)}?${query}`
  return { verb: 'list', address, method: 'GET', path, isRepeatable: true, isBackground: true }
}

/** Returns the request that watches one object from a version on, for `timeoutSeconds`. */
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

/** Describes a request for messages, such as `patch of configmaps "sentiment" in namespace "default"`. */
export function inWords({ verb, address: { group, plural, namespace, name } }: Ask): string {
  const resource = group === '' ? plural : `${plural}.${group}`
  return `${verb} of ${resource} "${name}" in namespace "${namespace}"`
}

function bodyOf(name: string, value: object): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CanaryError('INVALID_OPTION', `${name} must be an object that can be written as JSON`)
  }
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new CanaryError('INVALID_OPTION', `${name} must be an object that can be written as JSON`, { cause })
  }
}
