import { bernoulli } from '../../guardrails/compare-means.js'
import { RATES } from '../../guardrails/measure-rate.js'
import { type Moments, noMoments } from '../../statistics/moments.js'
import { binMiddle, type SparseBins } from '../../summaries/histogram.js'
import { type PredictionCounts, predictionCount, type Summary } from '../../summaries/summary.js'
import type { Subject } from './question.js'

const US_PER_MS = 1_000

/** What finished flights say to a question: a yes counts as 1, a no as 0, a mean in its own unit. */
export function tallyOf(subject: Subject, summary: Summary): Moments {
  switch (subject.kind) {
    case 'errorRate':
    case 'timeoutRate':
    case 'abortRate':
    case 'rejectedRate':
    case 'unansweredRate':
      return bernoulli(RATES[subject.kind].hitsOf(summary), RATES[subject.kind].trialsOf(summary))
    case 'tail':
    case 'hung':
      return bernoulli(countFrom(summary.latencyBins, subject.bin), summary.latencyUs.count)
    case 'class':
      return bernoulli(labelCount(summary.predictions, subject.label), predictionCount(summary.predictions))
    case 'other-classes':
      return otherClasses(summary.predictions, subject.labels)
    case 'latency':
      return cappedLatency(summary.latencyBins, subject.capMs)
    case 'score':
      return summary.score
    case 'metric':
      return summary.metrics.find(([name]) => name === subject.metric)?.[1] ?? noMoments
  }
}

/** Flights under way that say yes already. */
export function underWayOf(subject: Subject, { pendingBins }: Summary): number {
  return subject.kind === 'tail' || subject.kind === 'hung' ? countFrom(pendingBins, subject.bin) : 0
}

function labelCount({ labels }: PredictionCounts, wanted: string): number {
  return labels.find(([label]) => label === wanted)?.[1] ?? 0
}

function otherClasses(predictions: PredictionCounts, labels: readonly string[]): Moments {
  const total = predictionCount(predictions)
  return bernoulli(total - labels.reduce((sum, label) => sum + labelCount(predictions, label), 0), total)
}

function countFrom(bins: SparseBins, first: number): number {
  let count = 0
  for (let at = bins.length - 1; at >= 0; at -= 1) {
    const pair = bins[at]!
    if (pair[0] < first) break
    count += pair[1]
  }
  return count
}

/** Moments of the latency with whatever is longer counted as the cap; within 1 % of the exact ones. */
function cappedLatency(bins: SparseBins, capMs: number): Moments {
  let count = 0
  let sum = 0
  let sumOfSquares = 0
  for (const [bin, times] of bins) {
    const ms = Math.min(binMiddle(bin) / US_PER_MS, capMs)
    count += times
    sum += times * ms
    sumOfSquares += times * ms * ms
  }
  return { count, sum, sumOfSquares }
}
