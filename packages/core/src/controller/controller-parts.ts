import type { ModelErrors } from '../foundation/vocabulary.js'
import type { MetricsSource, Target } from '../rollout/ports.js'
import type { SlowPlanNotice } from '../rollout/slow-plan.js'
import type { InForce } from '../rollout/status.js'
import type { Events } from '../runtime/events.js'
import type { LoopTurn } from '../runtime/loop-turn.js'
import type { LoopMeter } from '../serving/loop-meter.js'
import type { ResolvedRollout } from './controller-options.js'
import type { PastKeeper } from './past-keeper.js'
import type { ProcessAlerts } from './process-alerts.js'
import type { ReplicaCounts } from './reported-counts.js'
import type { VisitedSplit } from './split-output.js'

/** What a controller is made of. */
export interface ControllerParts {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly target?: Target | undefined
  readonly events: Events
  /** What stands as an alert in this process. */
  readonly alerts: ProcessAlerts
  /** True if a logger was passed, or refused with `logger: false`. */
  readonly isLogged: boolean
  /** The sign that other processes run the same rollout without knowing of each other; left out if there is none. */
  readonly aloneBecause?: string | undefined
  /** True if the rollout is only in the memory of a process in production, and nobody said that this is intended. */
  readonly isForgotten?: boolean
  /** Returns how many requests of this step had no usable key; left out if the traffic is not split in this process. */
  readonly withoutKey?: () => number
  /**
   * Returns what is told about a plan that the traffic before the rollout makes slow; `undefined` if there is nothing to
   * tell. Left out if this process does not see the requests.
   */
  readonly slowPlan?: () => SlowPlanNotice | undefined
  /** What is learned of the versions; left out if this process does not see the requests. */
  readonly pasts?: PastKeeper
  /** Returns the canary's share that this process serves; left out if the traffic is not split in this process. */
  readonly inForceHere?: () => InForce
  /** Called with every split in force, synchronously. */
  readonly onSplit?: (split: VisitedSplit) => void
  /** The latest errors of the models, where they are called in this process. */
  readonly modelErrors?: () => ModelErrors
  /** Warms this process's canary; a rejection with `WARM_UP_FAILED` rolls back. */
  readonly warmUp?: () => Promise<void>
  /** What this process reports of itself; left out if the requests are not counted in this process. */
  readonly replica?: ReplicaCounts
  /** Lets the event loop turn between the parts of a look; only where this process serves the requests. */
  readonly turn?: LoopTurn
  /** Measures the event loop while a rollout is live. */
  readonly loopMeter?: LoopMeter
}
