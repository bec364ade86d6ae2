import type { FlightObserver } from '@model-canary/core/adapter'
import { metrics, trace } from '@opentelemetry/api'
import { EVALUATION_EVENT, evaluationOf, servedBy } from './evaluation.js'
import { createFlightMetrics, type Measure } from './flight-metrics.js'
import { createGenerativeMetrics } from './generative-metrics.js'
import { METER_NAME } from './meter-name.js'
import { type OpenTelemetryObserverOptions, type ResolvedObserver, resolveObserver } from './observer-options.js'

/**
 * Creates an observer that adds every assignment to the active span and measures every finished call.
 *
 * The span gets a `feature_flag.evaluation` event and the attributes `model_canary.rollout`, `.variant` and
 * `.version`. If there is neither a recording span nor a logger, no attributes are built. Durations are in seconds.
 * Keys and predictions never become attributes.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const name = 'sentiment'
 * const observers = [openTelemetryObserver({ name })]
 * const canary = createCanary({ name, versions: { baseline: 'v1', canary: 'v2' }, observers })
 */
export function openTelemetryObserver(options: OpenTelemetryObserverOptions): FlightObserver {
  const resolved = resolveObserver(options)
  const { name, logger, spanOnly } = resolved
  let measures: readonly Measure[] | undefined

  return {
    began(assignment, request) {
      const active = trace.getActiveSpan()
      const span = active?.isRecording() ? active : undefined
      if (span === undefined && logger === undefined) return
      const attributes = evaluationOf(resolved, assignment, request)
      span?.setAttributes(servedBy(name, assignment))
      if (logger === undefined) span?.addEvent(EVALUATION_EVENT, attributes)
      else logger.emit({ eventName: EVALUATION_EVENT, attributes })
    },
    ...(!spanOnly && {
      ended(assignment, observation) {
        measures ??= measuresOf(resolved) // not earlier: a meter that was read before the SDK is set up never records
        for (const measure of measures) measure(assignment, observation)
      },
    }),
  }
}

function measuresOf({ name, generative, meter = metrics.getMeter(METER_NAME) }: ResolvedObserver): readonly Measure[] {
  const flights = createFlightMetrics(meter, name)
  return generative === undefined ? [flights] : [flights, createGenerativeMetrics(meter, name, generative)]
}
