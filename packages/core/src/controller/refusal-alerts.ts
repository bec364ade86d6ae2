import { messageOf } from '../foundation/message-of.js'
import { describeInForce } from '../rollout/describe.js'
import { isForAnyone, type TargetSplit } from '../rollout/ports.js'
import type { ProcessAlerts } from './process-alerts.js'
import type { ShareInForce } from './share-in-force.js'

/** The causes of the alerts: a refused rollback is told of also if a promotion was refused before. */
const MORE = 'target'
const LESS = 'target-reduction'

/** Raises an alert about a target that does not take a split, with what is in force in its place. */
export function tellRefusal(alerts: ProcessAlerts, split: TargetSplit, share: ShareInForce, cause: unknown): void {
  const [key, other] = isForAnyone(split) ? [LESS, MORE] : [MORE, LESS]
  const what = `the target did not take ${split.weight} %, ${describeInForce(share.value)}`
  alerts.calm(other)
  alerts.raise('target', `${what}: ${messageOf(cause)}`, key)
}

/** Records that the target has taken a split. */
export function calmRefusals(alerts: ProcessAlerts): void {
  for (const cause of [MORE, LESS]) alerts.calm(cause)
}
