import type { Canary, Decision, Status } from '@model-canary/core'
import { decidedBy, ROLLOUT_STATES } from '@model-canary/core/controller'
import { refuseUnknown } from '@model-canary/foundation'
import { type BatchObservableResult, type Meter, metrics } from '@opentelemetry/api'
import { METER_NAME } from './meter-name.js'
import { optionalWith } from './optional-with.js'

/** A rollout whose metrics are exported: a canary or a controller. */
export type ObservedRollout = Pick<Canary, 'status' | 'on'>

/** The options of {@link openTelemetryMetrics}. */
export interface OpenTelemetryMetricsOptions {
  /** The meter for all metrics. @default the global meter */
  readonly meter?: Meter
}

const DIRECTIONS = ['harm', 'safety'] as const

/**
 * Exports a rollout's weight, step, state and evidence as gauges, and counts its decisions from now on.
 *
 * Call it after the SDK is set up. The returned function stops the export.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const stop = openTelemetryMetrics(canary)
 */
export function openTelemetryMetrics(rollout: ObservedRollout, options: OpenTelemetryMetricsOptions = {}): () => void {
  refuseUnknown('openTelemetryMetrics', options, { meter: 1 })
  const meter =
    optionalWith('meter', options.meter, ['createObservableGauge', 'createCounter']) ?? metrics.getMeter(METER_NAME)
  const gauge = (name: string, description: string, unit?: string) =>
    meter.createObservableGauge(name, unit === undefined ? { description } : { description, unit })

  const weight = gauge('model_canary.weight', 'Share of the traffic decided for the canary, from 0 to 1.', '1')
  const step = gauge('model_canary.step', 'Step of the plan: 0 is the warm-up.')
  const state = gauge('model_canary.state', 'State of the rollout: 1 for the present state, 0 for all others.')
  const evidence = gauge('model_canary.evidence', 'Evidence of harm, and that the harm is below the margin.')
  const needed = gauge('model_canary.evidence_needed', 'Evidence at which a guardrail decides.')
  const decisions = meter.createCounter('model_canary.decisions', {
    unit: '{decision}',
    description: 'Decisions of a rollout, including those to hold.',
  })

  const observe = (result: BatchObservableResult): void => {
    const status = rollout.status()
    const labels = { 'model_canary.rollout': status.name }
    result.observe(weight, status.weight / 100, labels)
    result.observe(step, status.step, labels)
    for (const word of ROLLOUT_STATES) {
      result.observe(state, Number(word === status.state), { ...labels, 'model_canary.state': word })
    }
    for (const { guardrail, direction, now, enough } of evidenceOf(status)) {
      const attributes = { ...labels, 'model_canary.guardrail': guardrail, 'model_canary.direction': direction }
      if (Number.isFinite(now)) result.observe(evidence, now, attributes)
      if (Number.isFinite(enough)) result.observe(needed, enough, attributes)
    }
  }

  const { name } = rollout.status()
  const count = ({ action, actor }: Decision): void => {
    decisions.add(1, {
      'model_canary.rollout': name,
      'model_canary.decision': action,
      'model_canary.decided_by': decidedBy(actor),
    })
  }

  const observed = [weight, step, state, evidence, needed]
  meter.addBatchObservableCallback(observe, observed)
  const stopCounting = rollout.on('decision', count)
  return () => {
    stopCounting()
    meter.removeBatchObservableCallback(observe, observed)
  }
}

function evidenceOf({ checks }: Status) {
  return checks.flatMap(({ guardrail, evidence }) =>
    evidence === undefined
      ? []
      : DIRECTIONS.map((direction) => ({
          guardrail,
          direction,
          now: evidence[direction].now,
          enough: evidence[direction].needed,
        })),
  )
}
