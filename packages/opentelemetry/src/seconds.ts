import type { Observation } from '@model-canary/core'

/** Returns a duration in seconds; `undefined` if the value is not a duration. */
export function seconds(durationMs: unknown): number | undefined {
  return typeof durationMs === 'number' && durationMs >= 0 && Number.isFinite(durationMs)
    ? durationMs / 1_000
    : undefined
}

/** Returns a streamed answer's time to its first chunk, in seconds; `undefined` for any other answer. */
export function firstChunkSeconds({ metrics }: Observation): number | undefined {
  return seconds(metrics?.timeToFirstChunkMs)
}
