import type { Guardrail } from '../analysis/guardrail.js'
import { CanaryError } from '../errors.js'
import { createEvents } from '../events.js'
import { refuseUnknown } from '../options.js'
import { assembleController } from './assemble-controller.js'
import type { Controller } from './controller-contract.js'
import {
  type ControllerOptions,
  ROLLOUT_OPTIONS,
  resolveRollout,
  resolveTarget,
  withMethods,
} from './controller-options.js'
import type { MetricsSource } from './ports.js'

/**
 * A controller that stands alone: it reads counts from a source, judges them, and moves a target's weight.
 *
 * Nothing happens before `start()`, `run()` or `evaluate()`.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_NAME`, `INVALID_PLAN`, `NO_GUARDRAILS`, `GUARDRAIL_NEEDS` and the codes of what is passed in
 * @example
 * const controller = createController({ name: 'sentiment', source, target, plan: linearPlan([10, 50, 100]) })
 * const { state } = await controller.run()
 */
export function createController(options: ControllerOptions): Controller {
  refuseUnknown('createController', options, [...ROLLOUT_OPTIONS, 'source', 'target'])
  const { versions = { baseline: 'baseline', canary: 'canary' } } = options
  const rollout = resolveRollout({ ...options, versions })
  const source = withMethods('source', options.source, ['read'])
  const target = resolveTarget(options.target, rollout.course)
  refuseUnsupported(rollout.guardrails, source)
  return assembleController({ rollout, source, target, events: createEvents(rollout.clock) })
}

/** A guardrail that its source can never answer would hold a rollout for ever. */
function refuseUnsupported(guardrails: readonly Guardrail[], { supports }: MetricsSource): void {
  const unsupported = guardrails.find(({ kind }) => supports?.includes(kind) === false)
  if (unsupported === undefined) return
  const detail = `"${unsupported.name}" is a ${unsupported.kind}; this source supports ${supports?.join(', ')}`
  throw new CanaryError('GUARDRAIL_NEEDS', detail)
}
