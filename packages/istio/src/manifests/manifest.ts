import { stringify } from 'yaml'
import type { KubeObject } from '../kube/kube.js'

/** Objects as a file that `kubectl apply -f` takes. */
export function yamlOf(objects: readonly KubeObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')
}

/** A member that is there only where it has a value. */
export const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: Value }
