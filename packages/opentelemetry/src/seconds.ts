import type { Observation } from '@model-canary/core'

/** A duration in seconds; `undefined` for what is none. */
export function seconds(durationMs: unknown): number | undefined {
  return typeof durationMs === 'number' && durationMs >= 0 && Number.isFinite(durationMs)
    ? durationMs / 1_000
    : undefined
}

/** How long a streamed answer took to its first chunk, in seconds; `undefined` for any other answer. */
export function firstChunkSeconds({ metrics }: Observation): number | undefined {
  return seconds(metrics?.timeToFirstChunkMs)
}
