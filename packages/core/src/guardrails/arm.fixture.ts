import type { Moments } from '../statistics/moments.js'
import { binOf, mergeBins, type SparseBins } from '../summaries/histogram.js'
import { scoreBinOf } from '../summaries/score-bins.js'
import { emptySummary, type Summary } from '../summaries/summary.js'

/** What a simulated arm did. */
export interface ArmStory {
  /** Requests that were answered: successes, errors and timeouts together. */
  readonly requests?: number
  readonly errors?: number
  readonly timeouts?: number
  readonly aborted?: number
  /** Decided calls without an answer, besides the answered requests, and how many of them have not ended. @default 0 */
  readonly unanswered?: number
  readonly unansweredOpen?: number
  /** The latency of every answered request. @default 100 */
  readonly latencyMs?: number
  /** A number of answered requests with another latency. */
  readonly slow?: readonly [count: number, latencyMs: number]
  /** A number of pending flights, and their age. */
  readonly pending?: readonly [count: number, ageMs: number]
  readonly predictions?: Readonly<Record<string, number>>
  readonly otherPredictions?: number
  readonly score?: Moments
  /** Scores by value; in the place of `score`. */
  readonly scores?: readonly number[]
  readonly metrics?: Readonly<Record<string, Moments>>
}

/** Returns a summary of one arm, for tests. */
export function arm(story: ArmStory): Summary {
  const {
    requests = 0,
    errors = 0,
    timeouts = 0,
    aborted = 0,
    unanswered = 0,
    unansweredOpen = 0,
    latencyMs = 100,
    slow = [0, 0],
    pending,
  } = story
  const [slowCount, slowMs] = slow
  const empty = emptySummary()
  return {
    begun: requests + aborted + (pending?.[0] ?? 0),
    outcomes: {
      success: requests - errors - timeouts,
      error: errors,
      timeout: timeouts,
      aborted,
      rejected: 0,
      ignored: 0,
    },
    answers: { decided: requests + unanswered, unanswered, ended: unanswered - unansweredOpen, leftEarly: 0 },
    rejections: empty.rejections,
    blockedUs: empty.blockedUs,
    latencyUs: constants([requests - slowCount, latencyMs * 1000], [slowCount, slowMs * 1000]),
    latencyBins: mergeBins(bins(requests - slowCount, latencyMs), bins(slowCount, slowMs)),
    pendingBins: pending === undefined ? [] : bins(...pending),
    predictions: {
      labels: Object.entries(story.predictions ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
      other: story.otherPredictions ?? 0,
    },
    score: story.score ?? (story.scores ? constants(...story.scores.map((score) => [1, score] as const)) : empty.score),
    ...(story.scores && {
      scoreBins: story.scores.reduce<SparseBins>((all, one) => mergeBins(all, [[scoreBinOf(one), 1]]), []),
    }),
    metrics: Object.entries(story.metrics ?? {}),
  }
}

/** Returns the moments of values, each repeated a number of times. */
export function constants(...groups: readonly (readonly [count: number, value: number])[]): Moments {
  const total = (term: (count: number, value: number) => number) => groups.reduce((sum, one) => sum + term(...one), 0)
  return { count: total((n) => n), sum: total((n, x) => n * x), sumOfSquares: total((n, x) => n * x * x) }
}

function bins(count: number, ms: number): SparseBins {
  return count === 0 ? [] : [[binOf(ms * 1000), count]]
}
