import { LONGEST_NAME, show } from '../foundation/options.js'
import { LARGEST_VALUE } from '../statistics/moments.js'
import type { NameTable } from '../summaries/name-table.js'
import { type Fields, fieldOf, UNREADABLE } from './fields.js'
import { METRIC_VALUES, type Measurement } from './measurement.js'
import type { Refuse } from './report.js'

/** Writes the business metrics of an observation into a measurement. */
export type ReadMetrics = (call: Measurement, values: unknown) => void

/** Returns the function that reads business metrics. Invalid ones are refused; `undefined` is left out. */
export function createMetricReader(metrics: NameTable, refuse: Refuse): ReadMetrics {
  function readMetric(call: Measurement, name: string, values: Fields): void {
    const value = fieldOf(values, name)
    if (value === undefined) return
    const number = typeof value === 'boolean' ? Number(value) : value
    if (!isMeasurable(number)) {
      refuse('INVALID_METRIC', `metric ${show(name)}`, value)
      return
    }
    const isFirstOverflow = !metrics.overflowed
    const slot = name.length > LONGEST_NAME ? metrics.capacity : metrics.slotOf(name)
    if (slot < metrics.capacity) {
      call.metricSlots[call.metricCount] = slot
      call.values[METRIC_VALUES + call.metricCount++] = number
    } else if (isFirstOverflow) refuse('INVALID_METRIC', 'name', name)
  }

  return function readMetrics(call, values) {
    if (typeof values !== 'object' || values === null) {
      refuse('INVALID_METRIC', 'metrics', values)
      return
    }
    try {
      for (const name in values) if (Object.hasOwn(values, name)) readMetric(call, name, values as Fields)
    } catch {
      refuse('INVALID_METRIC', 'metrics', UNREADABLE) // a proxy whose names cannot be listed
    }
  }
}

/** Returns whether a value is a number that can be counted in moments. */
export function isMeasurable(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST_VALUE
}
