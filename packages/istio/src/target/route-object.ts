import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import type { RouteTable } from '../routes/route-table.js'
import { MARK, type Mark, markText } from './mark.js'
import { readSplit, type SplitReading } from './read-split.js'

/** The object of the cluster that holds the weights. */
export interface RouteObject {
  /** The object, for messages, such as `VirtualService default/sentiment`. */
  readonly where: string
  readonly address: KubeAddress
  get(signal?: AbortSignal): Promise<KubeObject>
  /** Reads the split in force and the mark from an object. Pure. */
  splitIn(object: KubeObject): SplitReading
  /** Writes a weight and a mark, with the version of the object that was read. */
  write(object: KubeObject, weight: number, mark: Mark | undefined, signal: AbortSignal): Promise<void>
}

/** Creates the access to a route object. */
export function routeObject(kube: Kube, address: KubeAddress, table: RouteTable): RouteObject {
  return {
    where: `${table.kind} ${address.namespace}/${address.name}`,
    address,
    get: (signal) => kube.get(address, signal),
    splitIn: (object) => readSplit(table, object),
    async write(object, weight, mark, signal) {
      const { resourceVersion } = object.metadata
      const annotations = mark && { [MARK]: markText(mark) }
      const patch = { metadata: { resourceVersion, annotations }, spec: table.specFor(object, weight) }
      await kube.mergePatch(address, patch, signal)
    },
  }
}
