import { type ManualClock, manualClock } from '@model-canary/testing'
import type { Canary } from '../canary/canary.js'
import type { CanaryOptions } from '../canary/canary-options.js'
import { createCanary } from '../canary/create-canary.js'
import type { Variant } from '../foundation/vocabulary.js'
import { linearPlan } from '../rollout/plan.js'
import type { Strategy } from '../routing/strategy.js'

/** A canary that is under way, and the clock that it lives by. */
export interface Stage {
  readonly canary: Canary<'v1' | 'v2'>
  readonly clock: ManualClock
  /** What was counted so far, such as `{ 'v2 success': 1 }`; what is zero is left out. */
  counts(): Record<string, number>
  /** How often each code was reported. */
  failures(): Readonly<Record<string, number>>
}

/** A strategy that sends everybody to one variant, whatever the weight. */
export const always = (variant: Variant): Strategy => ({ name: variant, unit: 'request', pick: () => variant })

/** Starts a canary that serves everything itself; nothing trips, and nothing advances by itself. */
export async function stage(options: Partial<CanaryOptions<'v1' | 'v2'>> = {}): Promise<Stage> {
  const clock = manualClock()
  const canary = createCanary({
    name: 'stage',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 86_400_000 }),
    strategy: always('canary'),
    warmUp: { durationMs: 0 },
    tripwire: false,
    clock,
    ...options,
  })
  await canary.start()
  await clock.advance(0)
  return {
    canary,
    clock,
    counts: () => countsOf(canary),
    failures: () => canary.status().internalErrors as Readonly<Record<string, number>>,
  }
}

/** What a canary counted: outcomes by version, and calls under way. */
export function countsOf(canary: Canary<'v1' | 'v2'>): Record<string, number> {
  const entries = Object.entries(canary.metrics()).flatMap(([version, metrics]) => [
    [`${version} success`, metrics.successCount] as const,
    [`${version} error`, metrics.errorCount] as const,
    [`${version} timeout`, metrics.timeoutCount] as const,
    [`${version} aborted`, metrics.abortedCount] as const,
    [`${version} rejected`, metrics.rejectedCount] as const,
    [`${version} ignored`, metrics.ignoredCount] as const,
    [`${version} in flight`, metrics.inFlight] as const,
  ])
  return Object.fromEntries(entries.filter(([, count]) => count > 0))
}

/** The error that a call throws, or its promise rejects with. */
export async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('expected a failure')
}
