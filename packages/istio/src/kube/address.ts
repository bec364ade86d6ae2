import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'
import type { KubeAddress } from './kube.js'

/** The characters allowed in a name, a group or a resource. None has a meaning in a path. */
const PART = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$/

/** Returns the path of the collection that contains an address. @throws `INVALID_OPTION` */
export function collectionPath({ group, version, plural, namespace }: KubeAddress): string {
  const root = group === '' ? '/api' : `/apis/${part('group', group)}`
  return `${root}/${part('version', version)}/namespaces/${part('namespace', namespace)}/${part('plural', plural)}`
}

/** Returns the path of the object at an address. @throws `INVALID_OPTION` */
export function objectPath(address: KubeAddress): string {
  return `${collectionPath(address)}/${part('name', address.name)}`
}

/** Returns the field selector that finds the object of an address in its collection. @throws `INVALID_OPTION` */
export function fieldSelector({ name }: KubeAddress): string {
  return `metadata.name=${part('name', name)}`
}

function part(name: string, value: unknown): string {
  if (typeof value === 'string' && PART.test(value)) return encodeURIComponent(value)
  throw new CanaryError('INVALID_OPTION', `${name} of a Kubernetes address must be a name, got ${show(value)}`)
}
