import { createFleetCounts, type FleetCounts, type FleetCountsOptions } from '../fleet/fleet-counts.js'
import { createClustersSum } from '../summaries/clusters-sum.js'
import { createCountsSum } from '../summaries/counts-sum.js'

/** The most classes, and the most metrics, that are counted one by one in a fleet. */
const MOST_NAMES = 256

/** Creates the counts of a fleet, from which nothing was read yet. */
export const createFleetCollection = (options: Omit<FleetCountsOptions, 'sum' | 'keyedSum'>): FleetCounts =>
  createFleetCounts({
    ...options,
    sum: () => createCountsSum({ maxLabels: MOST_NAMES, maxMetrics: MOST_NAMES }),
    keyedSum: () => createClustersSum(),
  })
