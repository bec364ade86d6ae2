import type { Outcome } from '@model-canary/core'
import type { Attributes, Meter } from '@opentelemetry/api'
import { isOutcome, type Measure } from './flight-metrics.js'
import type { ResolvedGenerative } from './observer-options.js'
import { firstChunkSeconds, seconds } from './seconds.js'

/** The boundaries, in seconds, that the semantic conventions for generative models recommend. */
const REQUEST_S = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] as const
const FIRST_TOKEN_S = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const
const PER_TOKEN_S = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5] as const

/** The `error.type` of each outcome; `_OTHER` is the conventions' fallback. */
const ERROR_TYPES: Readonly<Partial<Record<Outcome, string>>> = { error: '_OTHER', timeout: 'timeout' }

/**
 * Creates the server metrics of the semantic conventions for generative models (in development).
 *
 * Aborted calls are not recorded, because the time until a client leaves says nothing about the model. The time per
 * token is recorded for successful answers only, as the conventions require.
 */
export function createGenerativeMetrics(meter: Meter, rollout: string, generative: ResolvedGenerative): Measure {
  const histogram = (name: string, description: string, boundaries: readonly number[]) =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: [...boundaries] } })
  const request = histogram('gen_ai.server.request.duration', 'Time to the last byte of an answer.', REQUEST_S)
  const firstToken = histogram('gen_ai.server.time_to_first_token', 'Time to the first token.', FIRST_TOKEN_S)
  const perToken = histogram('gen_ai.server.time_per_output_token', 'Time per token after the first.', PER_TOKEN_S)

  return ({ version, variant }, observation) => {
    const { outcome, durationMs, metrics } = observation
    const durationS = seconds(durationMs)
    if (!isOutcome(outcome) || outcome === 'aborted' || durationS === undefined) return
    const errorType = ERROR_TYPES[outcome]
    const attributes: Attributes = {
      'gen_ai.operation.name': generative.operation,
      'gen_ai.provider.name': generative.provider,
      'gen_ai.request.model': generative.requestModel ?? version,
      'gen_ai.response.model': version,
      'model_canary.rollout': rollout, // two rollouts may both have a "v2"
      'model_canary.variant': variant,
      ...(errorType !== undefined && { 'error.type': errorType }),
    }
    request.record(durationS, attributes)

    const firstTokenS = firstChunkSeconds(observation)
    if (outcome !== 'success' || firstTokenS === undefined) return
    firstToken.record(firstTokenS, attributes)
    const tokens = metrics?.outputTokens
    if (!(typeof tokens === 'number' && tokens >= 2 && Number.isFinite(tokens) && durationS >= firstTokenS)) return
    perToken.record((durationS - firstTokenS) / (tokens - 1), attributes)
  }
}
