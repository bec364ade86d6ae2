import type { EvidenceJudgeOptions } from '@model-canary/core/judge'

/** How fast a rollout goes: all options about time, and those that depend on it. */
export interface Pace {
  readonly weights: readonly number[]
  readonly warmUp: { readonly weight: number; readonly durationMs: number }
  readonly minDurationMs: number
  readonly bakeMs: number
  readonly intervalMs: number
  /** Requests of each version that a step waits for. */
  readonly minRequests: number
  /** The judge's options. In production use its defaults: a tick of 15 s, and 40 ticks to learn the noise. */
  readonly judge: EvidenceJudgeOptions
  /** Requests a second, unless `--rate` says otherwise. */
  readonly rate: number
}

/** About a minute to watch, or a few seconds for tests. In production a step takes minutes to hours. */
export const paces = {
  normal: {
    weights: [10, 25, 50, 100],
    warmUp: { weight: 5, durationMs: 5_000 },
    minDurationMs: 8_000,
    bakeMs: 8_000,
    intervalMs: 2_000,
    minRequests: 200,
    judge: {
      tickMs: 1_000,
      minWindows: 20,
      thresholdWindows: 4,
      graceMs: 15_000,
      minStepMs: 8_000,
      meanBlockMs: 1_000,
      watchMs: 500,
    },
    rate: 250,
  },
  fast: {
    weights: [25, 50, 100],
    warmUp: { weight: 10, durationMs: 2_000 },
    minDurationMs: 1_500,
    bakeMs: 1_500,
    intervalMs: 500,
    minRequests: 200,
    judge: {
      tickMs: 250,
      minWindows: 12,
      thresholdWindows: 4,
      graceMs: 3_000,
      minStepMs: 1_500,
      meanBlockMs: 250,
      watchMs: 100,
    },
    rate: 300,
  },
} as const satisfies Record<string, Pace>

/** The name of a pace, as `--pace` takes it. */
export type PaceName = keyof typeof paces

/** Every name of a pace. */
export const PACE_NAMES = Object.keys(paces) as readonly PaceName[]
