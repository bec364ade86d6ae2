import { type CanaryOptions, createCanary, type Decision, type Status, type Variant } from '@model-canary/core'
import type { FlightResult } from '@model-canary/core/adapter'
import { type ByVariant, resolveCourse } from '@model-canary/core/controller'
import { refuseUnknown } from '@model-canary/foundation'
import { createCompletions } from './completions.js'
import { refusal } from './refusal.js'
import { createSettle } from './settle.js'
import { createSimulationClock, type SimulationClock } from './simulation-clock.js'
import { createSimulationStore } from './simulation-store.js'

/** One request that was served, as a log has it. */
export interface RecordedRequest extends FlightResult {
  /** The variant that served it. */
  readonly variant: Variant
  /** When it ended, as wall time in milliseconds since 1970. */
  readonly at: number
  /** How long it took, in milliseconds. */
  readonly durationMs: number
  /** The routing key. */
  readonly key?: string | undefined
}

/** What is replayed, and by which policy. */
export interface ReplayOptions {
  /** The requests of one stay at one share, in any order. Those before the first of the canary are the past. */
  readonly requests: readonly RecordedRequest[]
  /** The policy: plan, guardrails, judge and the other options of `createCanary`. Of the plan, the first step counts. */
  readonly rollout?: Partial<Omit<CanaryOptions, 'clock' | 'strategy' | 'versions' | 'store' | 'target'>>
  /** What was split: requests, or keys. @default 'request' */
  readonly unit?: 'request' | 'key'
}

/** What the policy would have done. */
export interface Replay {
  /** `passed`: it would have left the step. `undecided`: the record ended before. */
  readonly end: 'passed' | 'rolledBack' | 'undecided'
  /** The canary's share of the requests since its first one, in percent, which the step has. */
  readonly weight: number
  /** When the first request of the canary began, as wall time in milliseconds since 1970. */
  readonly startedAt: number
  /** Time from there to the decision, or to the end of the record, in milliseconds. */
  readonly elapsedMs: number
  /** The requests of each variant up to then, since the start. */
  readonly requests: ByVariant<number>
  /** The decisions, newest first. */
  readonly history: readonly Decision[]
  readonly status: Status
}

/**
 * Judges recorded requests as if they were the first step of a rollout, with the code that runs in production.
 *
 * Each request gets the variant that served it, and the step has the share that the record has. The judge sees the
 * requests at the times at which they ended, and decides when it would have decided. What the split would have been
 * afterwards is not known, so the replay ends when the step is left.
 *
 * Rejects with `INVALID_OPTION` or `UNKNOWN_OPTION`, and with what `createCanary` throws.
 *
 * @example
 * const { end, history } = await replayRequests({ requests, rollout: { guardrails: [errorRate({ margin: 0.02 })] } })
 * end // 'rolledBack'
 */
export async function replayRequests(options: ReplayOptions): Promise<Replay> {
  refuseUnknown('replayRequests', options, { requests: 1, rollout: 1, unit: 1 })
  const { rollout = {}, unit = 'request' } = options
  const requests = inOrder(options.requests)
  const { startedAt, weight } = stayOf(requests)
  const originMs = beginOf(requests[0]!)
  const settle = createSettle(rollout)
  const clock = createSimulationClock(settle)
  const routed: Routed = { variant: 'baseline' }
  const canary = createCanary({
    name: 'replay',
    ...rollout,
    plan: planOf(rollout, weight),
    warmUp: { ...rollout.warmUp, durationMs: 0 },
    versions: { baseline: 'baseline', canary: 'canary' },
    strategy: { name: 'recorded', unit, pick: () => routed.variant },
    store: createSimulationStore(),
    clock: { ...clock, now: () => originMs + clock.elapsed() },
  })
  let end: Replay['end'] = 'undecided'
  canary.on('decision', ({ action, now }) => {
    if (end === 'undecided') end = action === 'rollback' ? 'rolledBack' : now.step > 1 ? 'passed' : end
  })
  const start = async () => {
    await canary.start()
    await settle()
  }
  const served = await serve({
    requests,
    canary,
    clock,
    routed,
    originMs,
    startedAt,
    start,
    isOver: () => end !== 'undecided',
  })
  if (end === 'undecided') await clock.walkTo(clock.elapsed() + resolveCourse(rollout).intervalMs) // the last look
  const elapsedMs = originMs + clock.elapsed() - startedAt
  const replay = {
    end,
    weight,
    startedAt,
    elapsedMs,
    requests: served,
    history: await canary.history({ limit: 1_000 }),
  }
  const status = { ...canary.status(), instance: 'replay' }
  await canary.close()
  return { ...replay, end, status }
}

/** The variant that the strategy gives to the next request. */
interface Routed {
  variant: Variant
}

const beginOf = ({ at, durationMs }: RecordedRequest): number => at - durationMs

/** Returns the requests in the order in which they began. */
function inOrder(requests: readonly RecordedRequest[]): readonly RecordedRequest[] {
  if (!Array.isArray(requests)) throw refusal('requests must be a list of recorded requests')
  for (const [index, { at, durationMs, variant }] of requests.entries()) {
    if (variant !== 'baseline' && variant !== 'canary')
      throw refusal(`requests[${index}].variant must be baseline or canary, got ${JSON.stringify(variant)}`)
    if (!Number.isFinite(at)) throw refusal(`requests[${index}].at must be a time in milliseconds since 1970`)
    if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY))
      throw refusal(`requests[${index}].durationMs must be a time in milliseconds`)
  }
  return requests.toSorted((a, b) => beginOf(a) - beginOf(b))
}

/** Returns when the canary's stay began, and its share since then. */
function stayOf(requests: readonly RecordedRequest[]): { readonly startedAt: number; readonly weight: number } {
  const first = requests.findIndex(({ variant }) => variant === 'canary')
  if (first < 0) throw refusal('requests: none of them was served by the canary')
  const stay = requests.slice(first)
  const share = stay.filter(({ variant }) => variant === 'canary').length / stay.length
  if (share === 1) throw refusal('requests: none was served by the baseline since the canary’s first one')
  return {
    startedAt: beginOf(requests[first]!),
    weight: Math.min(99.99, Math.max(0.01, Math.round(share * 1e4) / 100)),
  }
}

/** Returns a plan of one step with the share of the record, and everything after it. */
function planOf(rollout: NonNullable<ReplayOptions['rollout']>, weight: number) {
  const [first] = resolveCourse(rollout).steps
  const { minDurationMs, minRequests } = first!
  return {
    steps: [
      { weight, minDurationMs, minRequests },
      { weight: 100, minDurationMs, minRequests },
    ],
  }
}

/** What {@link serve} needs. */
interface Serving {
  readonly requests: readonly RecordedRequest[]
  readonly canary: Pick<ReturnType<typeof createCanary>, 'begin'>
  readonly clock: SimulationClock
  readonly routed: Routed
  readonly originMs: number
  readonly startedAt: number
  readonly start: () => Promise<void>
  readonly isOver: () => boolean
}

/** Begins and ends the requests at their times, until the rollout is over. Returns how many began since the start. */
async function serve({ requests, canary, clock, routed, originMs, startedAt, start, isOver }: Serving) {
  const completions = createCompletions()
  const served = { baseline: 0, canary: 0 }
  let hasStarted = false
  const moveTo = async (elapsedMs: number): Promise<void> => {
    if (!clock.skipTo(elapsedMs)) await clock.walkTo(elapsedMs)
  }
  const endUntil = async (elapsedMs: number): Promise<void> => {
    while (completions.nextDueMs <= elapsedMs && !isOver()) {
      await moveTo(completions.nextDueMs)
      if (!isOver()) completions.endNext()
    }
  }
  for (const request of requests) {
    const beginMs = beginOf(request) - originMs
    await endUntil(beginMs)
    if (!isOver()) await moveTo(beginMs)
    if (isOver()) return served
    if (!hasStarted && beginMs >= startedAt - originMs) {
      hasStarted = true
      await start()
    }
    const { variant, key, at, durationMs, ...result } = request
    routed.variant = variant
    const flight = canary.begin(key === undefined ? undefined : { key })
    if (hasStarted) served[variant] += 1
    completions.add(at - originMs, flight, { durationMs, ...result })
  }
  await endUntil(Number.MAX_VALUE)
  return served
}
