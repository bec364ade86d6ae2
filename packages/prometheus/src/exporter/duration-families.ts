import { type BucketEdge, countsBelow } from './buckets.js'
import type { Family, Sample } from './family.js'
import { countAndSum, eachArm } from './request-families.js'
import type { ScrapedArm } from './scrape.js'

/** The name under which core records the time to the first chunk of a streamed answer. */
const FIRST_CHUNK = 'timeToFirstChunkMs'

const MICROSECONDS = 1_000_000
const MILLISECONDS = 1_000

/** Returns the families of request durations, with buckets at these edges. */
export function durationFamilies(edges: readonly BucketEdge[]): readonly Family[] {
  return [
    {
      name: 'model_canary_request_duration_seconds',
      type: 'histogram',
      unit: 'seconds',
      help: 'Durations of finished requests, without aborted ones.',
      read: eachArm((arm) => histogramOf(arm, edges)),
    },
    {
      name: 'model_canary_request_duration_seconds_squares_total',
      type: 'counter',
      help: 'Sum of the squared durations: with the count and the sum it gives the variance.',
      read: eachArm(({ labels, summary }) => [
        { labels, value: summary.latencyUs.sumOfSquares / MICROSECONDS / MICROSECONDS },
      ]),
    },
    {
      name: 'model_canary_time_to_first_chunk_seconds',
      type: 'summary',
      unit: 'seconds',
      help: 'Time to the first chunk of streamed answers.',
      read: eachArm((arm) => firstChunkOf(arm).flatMap((moments) => countAndSum(arm.labels, moments, MILLISECONDS))),
    },
    {
      name: 'model_canary_time_to_first_chunk_seconds_squares_total',
      type: 'counter',
      help: 'Sum of the squared times to the first chunk.',
      read: eachArm((arm) =>
        firstChunkOf(arm).map(({ sumOfSquares }) => ({
          labels: arm.labels,
          value: sumOfSquares / MILLISECONDS / MILLISECONDS,
        })),
      ),
    },
  ]
}

function histogramOf({ labels, summary }: ScrapedArm, edges: readonly BucketEdge[]): readonly Sample[] {
  const { latencyBins, latencyUs } = summary
  const counts = countsBelow(latencyBins, edges)
  const buckets = edges.map(
    ({ le }, at): Sample => ({ suffix: '_bucket', labels: labels.and('le', le), value: counts[at]! }),
  )
  const open: Sample = { suffix: '_bucket', labels: labels.and('le', '+Inf'), value: latencyUs.count }
  return [...buckets, open, ...countAndSum(labels, latencyUs, MICROSECONDS)]
}

function firstChunkOf({ summary }: ScrapedArm) {
  return summary.metrics.filter(([name]) => name === FIRST_CHUNK).map(([, moments]) => moments)
}
