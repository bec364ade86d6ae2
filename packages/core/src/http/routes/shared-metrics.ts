import type { Clock } from '../../runtime/clock.js'
import type { OperatedRollout } from './route-options.js'

/** How long the metrics of all processes are answered without reading the store again, in milliseconds. */
const FRESH_MS = 1_000

/** Returns a rollout that reads the metrics of all processes at most once a second, however many clients ask. */
export function withSharedMetrics(rollout: OperatedRollout, clock: Clock): OperatedRollout {
  if (rollout.metrics === undefined) return rollout
  const metrics = rollout.metrics as (asked: object) => unknown
  let latest: { readonly askedAt: number; readonly key: string; readonly told: unknown } | undefined
  const shared = (asked: { readonly scope?: unknown } = {}): unknown => {
    if (asked.scope !== 'fleet') return metrics(asked)
    const key = JSON.stringify(asked)
    if (latest?.key === key && clock.elapsed() - latest.askedAt < FRESH_MS) return latest.told
    latest = { askedAt: clock.elapsed(), key, told: metrics(asked) }
    return latest.told
  }
  return { ...rollout, metrics: shared as NonNullable<OperatedRollout['metrics']> }
}
