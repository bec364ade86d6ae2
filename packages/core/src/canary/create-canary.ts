import { assembleController } from '../controller/assemble-controller.js'
import { createProcessAlerts } from '../controller/process-alerts.js'
import { withoutHandles } from '../controller/without-handles.js'
import type { Strategy } from '../routing/strategy.js'
import { isThenable } from '../routing/thenable.js'
import { createEvents } from '../runtime/events.js'
import { logEvents } from '../runtime/log-events.js'
import { isInProduction, signInThisProcess } from '../runtime/several-processes.js'
import { adoptable } from './adoptable-strategy.js'
import type { Canary } from './canary.js'
import { createCanaryCalls } from './canary-calls.js'
import { createCanaryCounts } from './canary-counts.js'
import { type CanaryOptions, resolveCanary } from './canary-options.js'
import type { ProcessSplit } from './process-split.js'
import { createTraffic } from './traffic.js'

/**
 * Creates a canary. Until `start()` every request goes to the baseline.
 *
 * @throws a `CanaryError` for every option that cannot be used
 * @example
 * const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
 * await canary.start()
 * const predict = canary.wrap({ baseline: modelV1, canary: modelV2 })
 */
export function createCanary<const Version extends string>(given: CanaryOptions<Version>): Canary<Version> {
  const options = resolveCanary(given)
  const { rollout, strategy, target, logger, isLogged, isInMemory } = options
  const { clock } = rollout
  const events = createEvents(clock)
  const { report } = events
  const alerts = createProcessAlerts({ events, clock, repeatMs: rollout.course.repeatMs })
  if (logger) logEvents(rollout.name, events, logger)

  const traffic = createTraffic<Version>({ options, events, alerts })
  const aloneBecause = isInMemory ? signInThisProcess() : undefined
  const told = { events, alerts, isLogged, aloneBecause, isForgotten: isInMemory && isInProduction() }
  const controller = assembleController({ rollout, target, ...told, ...traffic.parts })
  traffic.follow(controller)
  prepareSplit(traffic.split, strategy)
  const { versions, recorder, split, opener } = traffic

  return {
    ...withoutHandles(controller),
    ...createCanaryCalls(traffic, { clock, report }),
    ...createCanaryCounts({ versions, recorder, clock, fleetCounts: controller.fleetCounts }),
    report,
    async start(startOptions) {
      opener.started()
      split.adopt(await adoptable(strategy, rollout))
      return controller.start(startOptions)
    },
    close() {
      traffic.close()
      return controller.close()
    },
  }
}

/**
 * Gives the split its strategy before `start()`, so that users can be compared before there is a canary. A promise that
 * rejects, or that resolves to anything but a strategy, is reported by `start()`.
 */
function prepareSplit(split: Pick<ProcessSplit, 'prepare'>, strategy: Strategy | Promise<Strategy>): void {
  if (!isThenable(strategy)) {
    split.prepare(strategy)
    return
  }
  Promise.resolve(strategy)
    .then(split.prepare)
    .catch(() => {})
}
