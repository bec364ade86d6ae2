import { countInto } from '../summaries/histogram.js'
import { createScoreBins } from '../summaries/score-bins.js'
import { type Aggregate, makeRoom, makeRoomForBins } from './aggregate.js'

/** Adds all counts of another aggregate with the same slots. */
export function addAggregate(into: Aggregate, from: Aggregate): void {
  makeRoom(into, from.metrics.length)
  makeRoomForBins(into, from.latencyBins.length)
  addEach(into.sums, from.sums)
  addEach(into.metrics, from.metrics)
  addBins(into.latencyBins, from.latencyBins)
  addBins(into.labels, from.labels)
  if (from.scoreBins === null) return
  into.scoreBins ??= createScoreBins()
  addBins(into.scoreBins, from.scoreBins)
}

function addBins(into: Uint32Array, from: Uint32Array): void {
  for (let bin = 0; bin < from.length; bin++) if (from[bin]! > 0) countInto(into, bin, from[bin])
}

/** Subtracts an earlier copy of the same aggregate, which leaves the counts since then. */
export function subtractAggregate(from: Aggregate, earlier: Aggregate): void {
  addEach(from.sums, earlier.sums, -1)
  addEach(from.metrics, earlier.metrics, -1)
  addEach(from.latencyBins, earlier.latencyBins, -1)
  addEach(from.labels, earlier.labels, -1)
  if (from.scoreBins !== null && earlier.scoreBins !== null) addEach(from.scoreBins, earlier.scoreBins, -1)
}

function addEach(into: Float64Array | Uint32Array, from: Float64Array | Uint32Array, sign = 1): void {
  for (let place = 0; place < from.length; place++) into[place]! += sign * from[place]!
}
