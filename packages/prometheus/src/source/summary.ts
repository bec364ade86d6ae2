import { CanaryError } from '@model-canary/core'
import { emptySummary, type Moments, type Summary } from '@model-canary/core/judge'
import type { ArmQueries, MomentQueries } from './arm-queries.js'
import { type Fold, type Group, riseOf } from './fold.js'
import { addBuckets, durationMoments } from './latency.js'

/** How far a count may be from a whole number, because of rounding errors in floating-point sums. */
const ROUNDING = 1e-6

/** The longest class that core keeps, in UTF-16 units. */
const LONGEST_LABEL = 64

const US_PER_UNIT = { s: 1_000_000, ms: 1_000 }

/**
 * Returns the summary of one arm, from the counters of its queries by kind.
 *
 * @throws `QUERY_NOT_A_COUNT` if the figures cannot be counts of the same requests
 */
export function summaryOf(queries: ArmQueries, folds: ReadonlyMap<string, Fold>): Summary {
  const fold = (kind: string): Fold => folds.get(kind) ?? new Map()
  const total = (kind: string) =>
    wholeCount(kind, sumOf([...fold(kind).values()].map((group) => partOf(group, '') ?? 0)))
  const unreached = total('unreached')
  const requests = total('requests') + unreached
  const error = total('errors') + unreached
  const [timeout, aborted] = [total('timeouts'), total('aborted')]
  const success = requests - error - timeout - aborted
  if (success < 0) {
    throw new CanaryError(
      'QUERY_NOT_A_COUNT',
      `errors (${error}), timeouts (${timeout}) and aborted (${aborted}) are more than requests (${requests}); ` +
        'requests must select every finished request, and the others must not overlap',
    )
  }
  const [decided, unanswered] = [total('decided'), total('unanswered')]
  if (unanswered > decided) {
    throw new CanaryError(
      'QUERY_NOT_A_COUNT',
      `unanswered (${unanswered}) are more than decided (${decided}); decided must select every decided request`,
    )
  }
  const { durations, predictions, score, metrics = {} } = queries
  return {
    ...emptySummary(),
    begun: requests,
    outcomes: { success, error, timeout, aborted, rejected: 0, ignored: 0 },
    answers: { decided, unanswered, ended: unanswered, leftEarly: 0 },
    ...(durations && latencyOf(fold('durations'), durations)),
    ...(predictions && { predictions: predictionsOf(fold('predictions'), predictions.other) }),
    ...(score && { score: momentsOf('score', fold('score'), score) }),
    metrics: Object.entries(metrics)
      .map(([name, moments]) => [name, momentsOf(`metrics.${name}`, fold(`metrics.${name}`), moments)] as const)
      .filter(([, { count }]) => count > 0)
      .sort(byName),
  }
}

function latencyOf(fold: Fold, { unit = 's', ...given }: NonNullable<ArmQueries['durations']>) {
  const scale = US_PER_UNIT[unit]
  const counts = new Map<number, number>()
  const roles = (['buckets', 'sum', 'squares'] as const).filter((role) => given[role] !== undefined)
  for (const group of fold.values()) {
    const buckets = [...group.parts.keys()]
      .filter((part) => part.startsWith('le:'))
      .map((part) => [edgeUs(part.slice(3), scale), wholeCount('durations', partOf(group, part)!)] as const)
      .sort(([a], [b]) => a - b)
    refuseWithout(roles, 'durations', (role) => (role === 'buckets' ? buckets.length > 0 : group.parts.has(role)))
    addBuckets(counts, buckets)
  }
  const latencyBins = [...counts].sort(([a], [b]) => a - b)
  const exact = (role: 'sum' | 'squares', unit: number) =>
    given[role] === undefined ? undefined : partsOf(fold, role) * unit
  return { latencyBins, latencyUs: durationMoments(latencyBins, exact('sum', scale), exact('squares', scale * scale)) }
}

function edgeUs(le: string, scale: number): number {
  const edge = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
  if (le !== '' && !Number.isNaN(edge)) return Math.round(edge * scale * 1_000) / 1_000
  throw new CanaryError('QUERY_NOT_A_COUNT', `durations.buckets has a series without an le; select a _bucket metric`)
}

function momentsOf(kind: string, fold: Fold, { squares }: MomentQueries): Moments {
  const roles = squares === undefined ? ['count', 'sum'] : ['count', 'sum', 'squares']
  for (const { parts } of fold.values()) refuseWithout(roles, kind, (role) => parts.has(role))
  const count = wholeCount(`${kind}.count`, partsOf(fold, 'count'))
  const sum = count === 0 ? 0 : partsOf(fold, 'sum')
  if (squares !== undefined) return { count, sum, sumOfSquares: count === 0 ? 0 : partsOf(fold, 'squares') }
  if (sum >= -ROUNDING && sum <= count + ROUNDING) return { count, sum, sumOfSquares: sum }
  throw new CanaryError(
    'QUERY_NOT_A_COUNT',
    `${kind} sums up to ${sum} over ${count} values, so it is not a yes/no metric; add a query for its squares`,
  )
}

/** Checks that every sum has its count: resets of a sum are only seen in its count, and their means would be wrong. */
function refuseWithout(roles: readonly string[], kind: string, isThere: (role: string) => boolean): void {
  const lacking = roles.find((role) => !isThere(role))
  if (lacking === undefined) return
  throw new CanaryError(
    'QUERY_NOT_A_COUNT',
    `${kind}: a series has no ${lacking} with the same labels; select series of one histogram or summary`,
  )
}

/** Counts predictions by class. Series without the label, or with a value too long for core, have no class. */
function predictionsOf(fold: Fold, other: string | undefined): Summary['predictions'] {
  const counts = new Map<string, number>()
  for (const { parts } of fold.values()) {
    for (const [label, part] of parts) {
      const name = label === other || label.length > LONGEST_LABEL ? '' : label
      counts.set(name, (counts.get(name) ?? 0) + riseOf(part))
    }
  }
  const whole = [...counts].map(([name, count]) => [name, wholeCount('predictions', count)] as const)
  return {
    labels: whole.filter(([name, count]) => name !== '' && count > 0).sort(byName),
    other: whole.find(([name]) => name === '')?.[1] ?? 0,
  }
}

function partsOf(fold: Fold, name: string): number {
  return sumOf([...fold.values()].map((group) => partOf(group, name) ?? 0))
}

function partOf({ parts }: Group, name: string): number | undefined {
  const part = parts.get(name)
  return part && riseOf(part)
}

function wholeCount(name: string, count: number): number {
  const rounded = Math.round(count)
  if (rounded >= 0 && Math.abs(count - rounded) <= ROUNDING && Number.isSafeInteger(rounded)) return rounded + 0
  throw new CanaryError('QUERY_NOT_A_COUNT', `${name} came to ${count}; use a query that counts whole requests`)
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** Adds up values in ascending order, so that rounding does not depend on the order of the series. */
function sumOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b).reduce((sum, value) => sum + value, 0)
}
