import { CanaryError } from '@model-canary/core'
import { binHigh, binLow, binOf, type SparseBins } from '@model-canary/core/judge'
import { show } from '@model-canary/foundation'

/** The upper edge of a bucket. It is an edge of core's histogram, so bucket counts are exact. */
export interface BucketEdge {
  /** The edge in seconds, as it is written. */
  readonly le: string
  /** The first bin above the edge. */
  readonly bin: number
}

/** The largest edge, in milliseconds: all longer durations share core's last bin. */
const RANGE_MS = 2 ** 30 / 1000

const MOST_BUCKETS = 200

/** Four edges per octave, from 1.024 ms to 67.1 s, so that an edge is within 25 % of any duration in that range. */
export const defaultEdges: readonly BucketEdge[] = /* @__PURE__ */ edgesAt([
  ...Array.from({ length: 16 }, (_, octave) => [1, 1.25, 1.5, 1.75].map((part) => part * 2 ** (10 + octave))).flat(),
  2 ** 26,
])

/**
 * Returns the edges at these milliseconds, each moved up to the next edge of a bin.
 *
 * An edge moves by less than 1/64, or to the next whole microsecond. Throws `INVALID_OPTION`.
 */
export function resolveEdges(bucketsMs: unknown): readonly BucketEdge[] {
  if (bucketsMs === undefined) return defaultEdges
  if (!Array.isArray(bucketsMs) || bucketsMs.length < 1 || bucketsMs.length > MOST_BUCKETS) {
    throw refusal(`must be an array of 1 to ${MOST_BUCKETS} edges`, bucketsMs)
  }
  const edges = bucketsMs.map((ms: unknown) => {
    if (typeof ms === 'number' && ms > 0 && ms <= RANGE_MS) return edgeAtOrAbove(ms)
    throw refusal(`must hold milliseconds above 0 and up to ${RANGE_MS}`, ms)
  })
  const fallen = edges.findIndex((edge, at) => at > 0 && !(edge > edges[at - 1]!))
  if (fallen > 0) {
    throw refusal('must rise, by 2 % or more', `${bucketsMs[fallen]} after ${bucketsMs[fallen - 1]}`)
  }
  return edgesAt(edges)
}

/** Returns the number of durations below each edge. */
export function countsBelow(bins: SparseBins, edges: readonly BucketEdge[]): readonly number[] {
  let at = 0
  let count = 0
  return edges.map(({ bin: end }) => {
    while (at < bins.length && bins[at]![0] < end) count += bins[at++]![1]
    return count
  })
}

function edgeAtOrAbove(ms: number): number {
  const us = Math.ceil(ms * 1000)
  const bin = binOf(us)
  return binLow(bin) >= us ? us : binHigh(bin)
}

function edgesAt(edgesUs: readonly number[]): readonly BucketEdge[] {
  return edgesUs.map((us) => ({ le: canonical(us / 1_000_000), bin: binOf(us) }))
}

/** Writes a number as a float, so that both formats give the same text and thus the same series. */
function canonical(seconds: number): string {
  const text = String(seconds)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function refusal(rule: string, got: unknown): CanaryError {
  return new CanaryError('INVALID_OPTION', `prometheusExporter: bucketsMs ${rule}, got ${show(got)}`)
}
