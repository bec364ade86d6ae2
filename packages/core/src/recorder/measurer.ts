import { type Fields, legible } from './fields.js'
import { createMeasurement, type Measurement } from './measurement.js'
import { createObservationReader } from './observation-reader.js'
import type { Report } from './report.js'
import type { Slots } from './slots.js'

/** Returns the measurement of an observation; `undefined` if it has no valid variant. */
export type Measure = (observation: unknown) => Measurement | undefined

const FIELDS = ['variant', 'at', 'durationMs', 'outcome', 'prediction', 'score', 'metrics', 'blockedMs'] as const

/** Returns the function that checks observations. It never throws. All calls share one measurement. */
export function createMeasurer(slots: Pick<Slots, 'labels' | 'metrics'>, report: Report): Measure {
  const read = createObservationReader(slots, report)
  const shared = createMeasurement(slots.metrics.capacity)
  let isBusy = false

  return function measure(observation) {
    const call = isBusy ? createMeasurement(slots.metrics.capacity) : shared // a getter may also call record
    const wasBusy = isBusy
    isBusy = true
    try {
      return read(call, observation as Fields) ? call : undefined
    } catch {
      return read(call, legible(observation as Fields, FIELDS)) ? call : undefined
    } finally {
      isBusy = wasBusy
    }
  }
}
