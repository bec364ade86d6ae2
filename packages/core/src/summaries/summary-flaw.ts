import { isRecord, show } from '../foundation/options.js'

/** Outcomes that every summary has. Those that came later may be left out. */
const FIRST_OUTCOMES = ['success', 'error', 'timeout', 'aborted'] as const
const LATER_OUTCOMES = ['rejected', 'ignored'] as const

const MOMENTS = ['latencyUs', 'score'] as const
const PAIRS = ['latencyBins', 'pendingBins', 'metrics'] as const
const LATER_COUNTS = ['answers', 'rejections'] as const

const COUNT = 'a whole number from 0 up'
const MOMENTS_FORM = '{ count, sum, sumOfSquares } with a whole count and squares from 0 up'

/**
 * Says what a value lacks to be a summary, such as `latencyUs must be …`; `undefined` if it has the shape of one, and
 * its counts can be counts: a difference of two counters may be below 0, and an estimated rate a fraction.
 *
 * It is cheap enough for every reading of a source: it looks at the members, not at each bin. `readSummary` reads
 * untrusted JSON, and checks everything.
 */
export function flawOfSummary(name: string, value: unknown): string | undefined {
  if (!isRecord(value)) return flaw(name, 'a summary', value)
  return flawOfCounts(name, value) ?? flawOfTables(name, value) ?? flawOfLater(name, value)
}

type Members = Readonly<Record<string, unknown>>

function flawOfCounts(name: string, { begun, outcomes }: Members): string | undefined {
  if (!isCount(begun)) return flaw(`${name}.begun`, COUNT, begun)
  if (!isRecord(outcomes)) return flaw(`${name}.outcomes`, 'counts by outcome', outcomes)
  const outcome =
    FIRST_OUTCOMES.find((outcome) => !isCount(outcomes[outcome])) ??
    LATER_OUTCOMES.find((outcome) => !isCountOrLeftOut(outcomes[outcome]))
  return outcome && flaw(`${name}.outcomes.${outcome}`, COUNT, outcomes[outcome])
}

function flawOfTables(name: string, value: Members): string | undefined {
  const moments = MOMENTS.find((member) => !areMoments(value[member]))
  if (moments !== undefined) return flaw(`${name}.${moments}`, MOMENTS_FORM, value[moments])
  if (value.scoreBins !== undefined && !Array.isArray(value.scoreBins)) {
    return flaw(`${name}.scoreBins`, 'an array of pairs, or left out', value.scoreBins)
  }
  const pairs = PAIRS.find((member) => !Array.isArray(value[member]))
  if (pairs !== undefined) return flaw(`${name}.${pairs}`, 'an array of pairs', value[pairs])
  const metric = wrongIn(value.metrics, areMoments)
  if (metric !== undefined) return flaw(`${name}.metrics`, `pairs of a name and ${MOMENTS_FORM}`, metric)
  const { predictions } = value
  if (!isRecord(predictions) || !Array.isArray(predictions.labels) || !isCount(predictions.other)) {
    return flaw(`${name}.predictions`, '{ labels, other }', predictions)
  }
  const label = wrongIn(predictions.labels, isCount)
  return label === undefined ? undefined : flaw(`${name}.predictions.labels`, `pairs of a label and ${COUNT}`, label)
}

function flawOfLater(name: string, value: Members): string | undefined {
  const { leftOut, blockedUs } = value
  if (!isCountOrLeftOut(leftOut)) return flaw(`${name}.leftOut`, COUNT, leftOut)
  if (blockedUs !== undefined && !areMoments(blockedUs)) return flaw(`${name}.blockedUs`, MOMENTS_FORM, blockedUs)
  const member = LATER_COUNTS.find((member) => value[member] !== undefined && !areCounts(value[member]))
  return member && flaw(`${name}.${member}`, 'whole numbers from 0 up', value[member])
}

const flaw = (name: string, expected: string, value: unknown): string =>
  `${name} must be ${expected}, got ${show(value)}`

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const isCountOrLeftOut = (value: unknown): boolean => value === undefined || isCount(value)

const areCounts = (value: unknown): boolean => isRecord(value) && Object.values(value).every(isCount)

const areMoments = (value: unknown): boolean =>
  isRecord(value) &&
  isCount(value.count) &&
  Number.isFinite(value.sum) &&
  Number.isFinite(value.sumOfSquares) &&
  (value.sumOfSquares as number) >= 0

/** Returns the first entry of a table that is no pair, or whose value has another form. */
const wrongIn = (table: unknown, isForm: (value: unknown) => boolean): unknown =>
  (table as readonly unknown[]).find((pair) => !Array.isArray(pair) || !isForm(pair[1]))
