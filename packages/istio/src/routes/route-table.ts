import type { KubeObject } from '../kube/kube.js'

/** How an object of some kind splits traffic, and how it is told another split. Pure: objects in, objects out. */
export interface RouteTable {
  /** The kind in the singular, for messages, such as `VirtualService`. */
  readonly kind: string
  /**
   * The canary's share that is in force, in percent.
   *
   * @throws `ROUTE_NOT_FOUND`, `ROUTE_AMBIGUOUS`, `ROUTE_INVALID`
   */
  weightIn(object: KubeObject): number
  /**
   * The member of the specification that gives the canary this share, whole, with all that is none of ours as it was.
   * At 0 it is written wherever the canary stands beside a baseline, also in a route that is otherwise wrong.
   *
   * @throws `ROUTE_NOT_FOUND`, and above 0 `ROUTE_AMBIGUOUS`, `ROUTE_INVALID`
   */
  specFor(object: KubeObject, weight: number): Readonly<Record<string, unknown>>
}
