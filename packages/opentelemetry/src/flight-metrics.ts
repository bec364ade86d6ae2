import type { Assignment, Observation, Outcome } from '@model-canary/core'
import type { Meter } from '@opentelemetry/api'
import { servedBy } from './evaluation.js'
import { firstChunkSeconds, seconds } from './seconds.js'

/** Records a finished flight. */
export type Measure = (assignment: Assignment, observation: Observation) => void

/** The boundaries of the duration histograms, in seconds: from a fast lookup to a generation of a minute. */
const BOUNDARIES_S = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
] as const

const OUTCOMES: Readonly<Record<Outcome, true>> = {
  success: true,
  error: true,
  timeout: true,
  aborted: true,
  rejected: true,
  ignored: true,
}

/** Whether an outcome is known. Any other value must not create a time series. */
export const isOutcome = (outcome: string): boolean => Object.hasOwn(OUTCOMES, outcome)

/** Creates the instruments for the requests of one rollout. */
export function createFlightMetrics(meter: Meter, rollout: string): Measure {
  const advice = { explicitBucketBoundaries: [...BOUNDARIES_S] }
  const requests = meter.createCounter('model_canary.requests', {
    unit: '{request}',
    description: 'Finished model calls.',
  })
  const duration = meter.createHistogram('model_canary.request.duration', {
    unit: 's',
    description: 'Time from the assignment of a request to the end of its model call.',
    advice,
  })
  const firstChunk = meter.createHistogram('model_canary.time_to_first_chunk', {
    unit: 's',
    description: 'Time from the assignment of a request to the first chunk of its streamed answer.',
    advice,
  })

  return (assignment, observation) => {
    if (!isOutcome(observation.outcome)) return
    const attributes = { ...servedBy(rollout, assignment), 'model_canary.outcome': observation.outcome }
    const durationS = seconds(observation.durationMs)
    const firstChunkS = firstChunkSeconds(observation)
    requests.add(1, attributes)
    if (durationS !== undefined) duration.record(durationS, attributes)
    if (firstChunkS !== undefined) firstChunk.record(firstChunkS, attributes)
  }
}
