/** How fast a rollout goes: everything about time, and what depends on it. */
export interface Pace {
  readonly weights: readonly number[]
  readonly warmUp: { readonly weight: number; readonly durationMs: number }
  readonly minDurationMs: number
  readonly bakeMs: number
  readonly intervalMs: number
  /** Requests of each version that a step waits for. */
  readonly minRequests: number
  /** Requests a second, unless `--rate` says otherwise. */
  readonly rate: number
}

/** About a minute to watch, or some seconds for tests. Production takes minutes to hours a step. */
export const paces = {
  normal: {
    weights: [10, 25, 50, 75, 100],
    warmUp: { weight: 5, durationMs: 5_000 },
    minDurationMs: 8_000,
    bakeMs: 8_000,
    intervalMs: 2_000,
    minRequests: 200,
    rate: 250,
  },
  fast: {
    weights: [25, 50, 100],
    warmUp: { weight: 10, durationMs: 2_000 },
    minDurationMs: 1_500,
    bakeMs: 1_500,
    intervalMs: 500,
    minRequests: 200,
    rate: 300,
  },
} as const satisfies Record<string, Pace>

/** The name of a pace, as `--pace` takes it. */
export type PaceName = keyof typeof paces

/** Every name of a pace. */
export const PACE_NAMES = Object.keys(paces) as readonly PaceName[]
