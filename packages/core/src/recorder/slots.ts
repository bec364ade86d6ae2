import { createNameTable, type NameTable } from '../summaries/name-table.js'
import { type Aggregate, createAggregate, type SlotNames } from './aggregate.js'
import type { ResolvedRecorderOptions } from './recorder-options.js'

/** The slots of a recorder: which label and which metric each place of its aggregates belongs to. */
export interface Slots {
  readonly labels: NameTable
  readonly metrics: NameTable
  /** Returns the names by slot, as of now. */
  names(): SlotNames
  /** Creates an empty aggregate with these slots. */
  createAggregate(): Aggregate
}

/** Creates the slots, with the metrics that are always kept. */
export function createSlots(options: Pick<ResolvedRecorderOptions, 'maxLabels' | 'maxMetrics' | 'metrics'>): Slots {
  const labels = createNameTable(options.maxLabels)
  const metrics = createNameTable(options.maxMetrics, options.metrics)
  return {
    labels,
    metrics,
    names: () => ({ labels, metrics }),
    createAggregate: () => createAggregate(labels.capacity),
  }
}
