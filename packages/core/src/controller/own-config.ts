import { CanaryError } from '../foundation/errors.js'
import { isLive } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { ProcessAlerts } from './process-alerts.js'
import { RAISING_VERBS, type Verb } from './verbs.js'

/** Compares the options of this process with those of the rollout under way, where several processes share one. */
export interface OwnConfig {
  /**
   * True if the rollout under way was started with other options. Then this process follows it, but does not judge it
   * and does not raise its share.
   */
  readonly isOther: boolean
  /** Throws `OTHER_CONFIG` if the verb would raise the share of a rollout with other options. */
  refuse(verb: Verb, current: StoredRollout): void
  /** Raises an alert while the options differ. Called at each change of the rollout. */
  changed(after: StoredRollout): void
}

/** The options of {@link createOwnConfig}. */
export interface OwnConfigOptions {
  /** Identifies the options of this process. */
  readonly config: string
  readonly current: () => StoredRollout
  readonly alerts: Pick<ProcessAlerts, 'raise' | 'calm'>
}

const DIFFERS =
  'the rollout under way was started with another plan, other guardrails, or other options of the judge, the warm-up ' +
  'or the bake'

const ADVICE =
  "roll it back and start again, or deploy the same options everywhere, or pass onNewConfig: 'supersede' to go on " +
  'with the new options once no process has the old ones'

/** Creates the comparison. */
export function createOwnConfig({ config, current, alerts }: OwnConfigOptions): OwnConfig {
  const differs = (rollout: StoredRollout): boolean =>
    isLive(rollout.state) && rollout.config !== '' && rollout.config !== config // '' if it was damaged
  return {
    get isOther() {
      return differs(current())
    },
    refuse(verb, rollout) {
      if (!RAISING_VERBS.has(verb) || !differs(rollout)) return
      const detail = `${verb}: ${DIFFERS}; do this in a process with those options, or use rollback() or disable()`
      throw new CanaryError('OTHER_CONFIG', detail)
    },
    changed(after) {
      if (differs(after))
        alerts.raise('config', `${DIFFERS}; this process follows its share and does not judge: ${ADVICE}`)
      else alerts.calm('config')
    },
  }
}
