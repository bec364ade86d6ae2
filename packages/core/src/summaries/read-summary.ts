import { CanaryError } from '../foundation/errors.js'
import { LONGEST_NAME, show } from '../foundation/options.js'
import type { Outcome } from '../foundation/vocabulary.js'
import { type Moments, noMoments } from '../statistics/moments.js'
import { type AnswerCounts, answersOf } from './answer-counts.js'
import { BIN_COUNT, type SparseBins } from './histogram.js'
import { SCORE_BIN_COUNT } from './score-bins.js'
import type { SortedPairs } from './sorted-pairs.js'
import { noRejections, outcomesOf, type RejectionCounts, type Summary } from './summary.js'

/**
 * Reads a summary from untrusted JSON, such as a store's or another replica's, into canonical order.
 * Unknown members are left out. Throws `INVALID_SUMMARY` with the name of the invalid member.
 */
export function readSummary(value: unknown): Summary {
  const summary = members('the summary', value)
  const predictions = members('predictions', summary.predictions)
  return {
    begun: count('begun', summary.begun),
    ...(summary.leftOut !== undefined && { leftOut: count('leftOut', summary.leftOut) }),
    outcomes: readOutcomes(summary.outcomes),
    answers: readAnswers(summary.answers ?? {}),
    rejections: readRejections(summary.rejections ?? noRejections),
    latencyUs: readMoments('latencyUs', summary.latencyUs),
    latencyBins: readBins('latencyBins', summary.latencyBins),
    blockedUs: readMoments('blockedUs', summary.blockedUs ?? noMoments),
    pendingBins: readBins('pendingBins', summary.pendingBins),
    predictions: {
      labels: readPairs('predictions.labels', predictions.labels, readName, positive),
      other: count('predictions.other', predictions.other),
    },
    score: readMoments('score', summary.score),
    ...(summary.scoreBins !== undefined && { scoreBins: readBins('scoreBins', summary.scoreBins, SCORE_BIN_COUNT) }),
    metrics: readPairs('metrics', summary.metrics, readName, readMoments),
  }
}

function readOutcomes(value: unknown): Record<Outcome, number> {
  const outcomes = members('outcomes', value)
  const isLater = (name: Outcome) => name === 'rejected' || name === 'ignored' // older summaries lack these
  return outcomesOf((name) => count(`outcomes.${name}`, outcomes[name] ?? (isLater(name) ? 0 : undefined)))
}

/** Summaries that were stored before answers were counted have no answer counts. */
function readAnswers(value: unknown): AnswerCounts {
  const answers = members('answers', value)
  return answersOf((name) => count(`answers.${name}`, answers[name] ?? 0))
}

function readRejections(value: unknown): RejectionCounts {
  const { callers, rejected } = members('rejections', value)
  return { callers: count('rejections.callers', callers), rejected: count('rejections.rejected', rejected) }
}

function readMoments(name: string, value: unknown): Moments {
  const moments = members(name, value)
  const read = {
    count: count(`${name}.count`, moments.count),
    sum: finite(`${name}.sum`, moments.sum),
    sumOfSquares: finite(`${name}.sumOfSquares`, moments.sumOfSquares),
  }
  if (read.sumOfSquares < 0) throw unreadable(`${name}.sumOfSquares`, 'a sum of squares', read.sumOfSquares)
  return read.count === 0 ? noMoments : read
}

function readBins(name: string, value: unknown, bins = BIN_COUNT): SparseBins {
  return readPairs(name, value, (where, bin) => readBin(where, bin, bins), positive)
}

/** Reads `[key, value]` pairs and sorts them; a repeated key is refused. */
function readPairs<Key extends string | number, Value>(
  name: string,
  value: unknown,
  readKey: (name: string, key: unknown) => Key,
  readValue: (name: string, value: unknown) => Value,
): SortedPairs<Key, Value> {
  const pairs = list(name, value).map((pair, at): readonly [Key, Value] => {
    const [key, content, ...rest] = list(`${name}[${at}]`, pair)
    if (rest.length > 0) throw unreadable(`${name}[${at}]`, 'a pair', pair)
    return [readKey(`${name}[${at}][0]`, key), readValue(`${name}[${at}][1]`, content)]
  })
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const repeated = pairs.find(([key], at) => key === pairs[at + 1]?.[0])
  if (repeated !== undefined) throw unreadable(name, 'a table of different keys', repeated[0])
  return pairs
}

function readBin(name: string, value: unknown, bins: number): number {
  const bin = count(name, value)
  if (bin < bins) return bin
  throw unreadable(name, `a bin below ${bins}`, value)
}

function readName(name: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= LONGEST_NAME) return value
  throw unreadable(name, `a string of at most ${LONGEST_NAME} characters`, value)
}

/** Returns a count; throws `INVALID_SUMMARY` for anything else. */
export function count(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return (value as number) + 0 // −0 becomes 0
  throw unreadable(name, 'a count', value)
}

function positive(name: string, value: unknown): number {
  const read = count(name, value)
  if (read > 0) return read
  throw unreadable(name, 'a count above 0', value)
}

function finite(name: string, value: unknown): number {
  if (Number.isFinite(value)) return (value as number) + 0
  throw unreadable(name, 'a finite number', value)
}

function list(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw unreadable(name, 'an array', value)
}

/** Returns the own members of an object. */
function members(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(name, 'an object', value)
  return { ...value }
}

function unreadable(name: string, expected: string, value: unknown): CanaryError {
  return new CanaryError('INVALID_SUMMARY', `${name} must be ${expected}, got ${show(value)}`)
}
