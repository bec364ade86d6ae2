import { CanaryError } from '../foundation/errors.js'
import { refuseUnknown } from '../foundation/options.js'
import { refuseNonObject } from '../foundation/right-form.js'
import { withMethods } from '../foundation/with-methods.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { configOf } from '../rollout/config.js'
import type { MetricsSource } from '../rollout/ports.js'
import { createEvents } from '../runtime/events.js'
import { logEvents } from '../runtime/log-events.js'
import { assembleController } from './assemble-controller.js'
import type { Controller } from './controller-contract.js'
import {
  CONTROLLER_DEFAULTS,
  type ControllerOptions,
  type ResolvedRollout,
  ROLLOUT_OPTIONS,
  resolveRollout,
  resolveTarget,
} from './controller-options.js'
import { createProcessAlerts } from './process-alerts.js'
import { resolveLogger } from './resolve-logger.js'

/**
 * A controller that stands alone: it reads counts from a source, judges them, and moves a target's weight.
 *
 * Nothing happens before `start()`, `run()` or `evaluate()`.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_NAME`, `INVALID_PLAN`, `NO_GUARDRAILS`, `GUARDRAIL_NEEDS`
 * and the codes of the functions that check a plan, guardrails and versions
 * @example
 * const controller = createController({ name: 'sentiment', source, target, plan: linearPlan([10, 50, 100]) })
 * const { state } = await controller.run()
 */
export function createController(options: ControllerOptions): Controller {
  refuseNonObject('createController', options, "createController({ name: 'sentiment', source, target })")
  refuseUnknown('createController', options, { ...ROLLOUT_OPTIONS, versions: 1, source: 1, target: 1, logger: 1 })
  const { versions = CONTROLLER_DEFAULTS.versions } = options
  const source = withMethods('source', options.source, ['read'])
  const resolved = resolveRollout({ ...options, versions })
  const rollout = options.guardrails === undefined ? withoutUnsupported(resolved, source) : resolved
  const target = resolveTarget(options.target, rollout.course)
  refuseUnsupported(rollout.guardrails, source)
  const events = createEvents(rollout.clock)
  const logger = resolveLogger(options.logger)
  if (logger) logEvents(rollout.name, events, logger)
  if (rollout.leftOut.length > 0) {
    const message = `the source cannot answer ${rollout.leftOut.join(', ')}; this rollout is judged without`
    events.on('decision', ({ action }) => {
      if (action === 'start' || action === 'retry') events.alert('guardrails', message)
    })
  }
  const alerts = createProcessAlerts({ events, clock: rollout.clock, repeatMs: rollout.course.repeatMs })
  return assembleController({ rollout, source, target, events, alerts, isLogged: options.logger !== undefined })
}

/** Returns the rollout with the default guardrails that the source can answer, and the names of the others. */
function withoutUnsupported(rollout: ResolvedRollout, { supports }: MetricsSource): ResolvedRollout {
  const isSupported = ({ kind }: Guardrail) => supports?.includes(kind) !== false
  const guardrails = rollout.guardrails.filter(isSupported)
  if (guardrails.length === 0) return rollout // refuseUnsupported refuses it, because nothing would be judged
  const leftOut = rollout.guardrails.filter((guardrail) => !isSupported(guardrail)).map(({ name }) => name)
  return { ...rollout, guardrails, leftOut, config: configOf({ ...rollout, guardrails }) }
}

/** Throws if the source cannot answer a guardrail, because that would hold the rollout for ever. */
function refuseUnsupported(guardrails: readonly Guardrail[], { supports }: MetricsSource): void {
  const unsupported = guardrails.find(({ kind }) => supports?.includes(kind) === false)
  if (unsupported === undefined) return
  const detail = `"${unsupported.name}" is a ${unsupported.kind}; this source supports ${supports?.join(', ')}`
  throw new CanaryError('GUARDRAIL_NEEDS', detail)
}
