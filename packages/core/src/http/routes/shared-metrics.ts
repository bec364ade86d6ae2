import type { Clock } from '../../runtime/clock.js'
import type { OperatedRollout } from './route-options.js'

/** How long the metrics of all processes are answered without reading the store again, in milliseconds. */
const FRESH_MS = 1_000

/**
 * Returns a rollout that reads the metrics of all processes at most once a second, however many clients ask, and in
 * whatever words: those of all processes have one window, so a query without it asks for the same.
 */
export function withSharedMetrics(rollout: OperatedRollout, clock: Clock): OperatedRollout {
  if (rollout.metrics === undefined) return rollout
  const metrics = rollout.metrics as (asked: object) => unknown
  let latest: { readonly askedAt: number; readonly told: unknown } | undefined
  const shared = (asked: { readonly scope?: unknown; readonly window?: unknown } = {}): unknown => {
    const { scope, window = 'step' } = asked
    if (scope !== 'fleet' || window !== 'step') return metrics(asked) // of this process, or refused
    if (latest === undefined || clock.elapsed() - latest.askedAt >= FRESH_MS)
      latest = { askedAt: clock.elapsed(), told: metrics({ scope }) }
    return latest.told
  }
  return { ...rollout, metrics: shared as NonNullable<OperatedRollout['metrics']> }
}
