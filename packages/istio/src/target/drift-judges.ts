import type { Drift, TargetSplit } from '@model-canary/core/controller'
import type { KubeObject } from '../kube/kube.js'
import type { RouteObject } from './route-object.js'
import { type Circumstances, driftWith } from './ruling.js'
import { type Footing, pointedElsewhere } from './subsets.js'
import { notTakenUp, type TakeUp } from './taken-up.js'
import type { DriftWatch } from './watch-drift.js'

/** What the drift of a route is judged with. */
export interface RouteJudgeParts {
  readonly route: RouteObject
  /** Reads the gateways' status from the object; `undefined` if its kind has none. */
  readonly takeUp: ((object: KubeObject) => TakeUp) | undefined
  /** Returns the split that is being applied or was refused. */
  readonly underWay: () => TargetSplit | undefined
  readonly circumstances: () => Circumstances
}

/** Returns the judge of a route: its weight differs from what was applied, or a gateway refuses it. */
export function routeJudge({ route, takeUp, underWay, circumstances }: RouteJudgeParts): DriftWatch['judge'] {
  return () => {
    const [split, known] = [underWay(), circumstances()]
    const isMet = ((split ?? known.applied)?.weight ?? 0) > 0
    return (object: KubeObject): Drift | null =>
      driftWith(split, route.splitIn(object), known) ?? (isMet ? notTakenUp(route.where, takeUp?.(object)) : null)
  }
}

/** Returns the judge of a DestinationRule: its subsets select other pods than at the canary's first share. */
export function footingJudge(footing: Footing, circumstances: () => Circumstances): DriftWatch['judge'] {
  return () => {
    const mark = circumstances().applied
    return (object: KubeObject): Drift | null => {
      const now = footing.selectedIn(object)
      if (mark?.selects === undefined || mark.selects === now) return null
      return { weight: mark.weight, message: pointedElsewhere(footing, now, mark.selects) }
    }
  }
}
