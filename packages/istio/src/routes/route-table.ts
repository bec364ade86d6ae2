import type { KubeObject } from '../kube/kube.js'

/** Reads and writes the split of one kind of object. Pure: objects in, objects out. */
export interface RouteTable {
  /** The kind in the singular, for messages, such as `VirtualService`. */
  readonly kind: string
  /**
   * Returns the canary's share that is in force, in percent.
   *
   * @throws `ROUTE_NOT_FOUND`, `ROUTE_AMBIGUOUS`, `ROUTE_INVALID`
   */
  weightIn(object: KubeObject): number
  /**
   * Returns the complete member of the specification that gives the canary this share. All other content is kept.
   * At 0 it changes every route to the canary that also has a baseline, even if the route is otherwise invalid.
   *
   * @throws `ROUTE_NOT_FOUND`, and above 0 `ROUTE_AMBIGUOUS`, `ROUTE_INVALID`
   */
  specFor(object: KubeObject, weight: number): Readonly<Record<string, unknown>>
}
