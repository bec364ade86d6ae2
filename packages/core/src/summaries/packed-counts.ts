import { type ByVariant, OUTCOMES, VARIANTS } from '../foundation/vocabulary.js'
import type { Moments } from '../statistics/moments.js'
import { writeBins } from './packed-bins.js'
import { createTextWriter, type TextWriter } from './packed-text.js'
import { answerCountsOf, leftOutOf, noRejections, type Summary } from './summary.js'

/** The first character of packed counts: the form that follows. Another form gets another character. */
export const COUNTS_FORM = 'A'

/**
 * Returns the counts of a process as a short text, which {@link createCountsSum} reads: every number exactly, and every
 * name as it is. The tables have to be in the order that a recorder gives them; empty bins and names without counts are
 * left out.
 *
 * 1,000 requests take about 1 kB, 100,000 about 3 kB.
 */
export function packCounts(counts: ByVariant<Summary>): string {
  const text = createTextWriter()
  const arms = VARIANTS.map((variant) => counts[variant])
  const labels = namesIn(arms.map(({ predictions }) => predictions.labels.filter(([, count]) => count > 0)))
  const metrics = namesIn(arms.map(({ metrics }) => metrics.filter(([, { count }]) => count > 0)))
  text.count(labels.length)
  text.count(metrics.length)
  for (const arm of arms) writeArm(text, arm, labels, metrics)
  for (const name of [...labels, ...metrics]) text.name(name)
  return text.sealed(COUNTS_FORM)
}

function writeArm(to: TextWriter, arm: Summary, labels: readonly string[], metrics: readonly string[]): void {
  for (const count of plainCountsOf(arm)) to.count(count)
  for (const moments of [arm.latencyUs, arm.blockedUs, arm.score]) writeMoments(to, moments)
  for (const bins of [arm.latencyBins, arm.pendingBins, arm.scoreBins ?? []]) writeBins(to, bins)
  const countByLabel = new Map(arm.predictions.labels) // a Map: labels may be `__proto__`
  for (const label of labels) to.count(countByLabel.get(label) ?? 0)
  const momentsByName = new Map(arm.metrics)
  for (const name of metrics) writeMoments(to, momentsByName.get(name))
}

/** Returns the counts that every summary has one of, in the order in which they are written. */
function plainCountsOf(arm: Summary): readonly number[] {
  const { begun, outcomes, rejections = noRejections, predictions } = arm
  const { decided, unanswered, ended, leftEarly } = answerCountsOf(arm)
  return [
    begun,
    leftOutOf(arm),
    ...OUTCOMES.map((outcome) => outcomes[outcome]),
    ...[decided, unanswered, ended, leftEarly],
    ...[rejections.callers, rejections.rejected],
    predictions.other,
  ]
}

/** The number of {@link plainCountsOf}: 9, and one for each outcome. A test compares it. */
export const PLAIN_COUNTS = 15

/** Writes moments; without values only a zero. */
function writeMoments(to: TextWriter, moments: Moments | undefined): void {
  to.count(moments?.count ?? 0)
  if (moments === undefined || moments.count === 0) return
  to.number(moments.sum)
  to.number(moments.sumOfSquares)
}

/** Returns the names of all tables, each once, in ascending order. */
function namesIn(tables: readonly (readonly (readonly [name: string, content: unknown])[])[]): readonly string[] {
  return [...new Set(tables.flat().map(([name]) => name))].sort()
}
