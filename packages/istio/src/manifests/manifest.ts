import { Document, visit } from 'yaml'
import type { KubeObject } from '../kube/kube.js'

/**
 * Returns objects as YAML for `kubectl apply -f`.
 *
 * kubectl reads YAML 1.1, in which `on`, `no`, `1_0` and `2024_11_28` are not strings. Strings that YAML 1.1 would read
 * as another type are quoted, and so is every string that does not begin with a letter.
 */
export function yamlOf(objects: readonly KubeObject[]): string {
  return objects.map(documentOf).join('---\n')
}

function documentOf(object: KubeObject): string {
  const document = new Document(object, { compat: 'yaml-1.1', aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && !/^[A-Za-z]/.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ lineWidth: 0 })
}

/** Returns an object with the member, or an empty object if the value is `undefined`. */
export const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: Value }
