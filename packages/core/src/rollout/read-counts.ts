import { isRecord } from '../foundation/options.js'
import type { Calibration } from '../judging/judge.js'
import { flawOfSummary } from '../summaries/summary-flaw.js'
import type { AnsweredSince } from './bake-window.js'
import { isCount, isNullOr, isNumber, isTime } from './stored-forms.js'
import type { StoredRollout } from './stored-rollout.js'

/** Returns the stored counts of the latest look; `undefined` if they are not counts. */
export function readCumulative(value: unknown): StoredRollout['cumulative'] | undefined {
  if (value === null || value === undefined) return null
  const areCounts = isRecord(value) && isSummary(value.baseline) && isSummary(value.canary)
  return areCounts ? (value as unknown as StoredRollout['cumulative']) : undefined
}

/** Returns the stored answers to callers; `undefined` if they are missing or invalid. */
export function readAnswered(value: unknown): AnsweredSince | undefined {
  const isValid = isRecord(value) && areAnswers(value.baseline) && isNullOr(value.bake, isBakeWindow)
  return isValid ? (value as unknown as AnsweredSince) : undefined
}

/** The form of each member of a calibration; the baseline's history is read by the judge. */
const FORMS: Readonly<Record<Exclude<keyof Calibration, 'baselineHistory'>, (value: unknown) => boolean>> = {
  clusters: (value) => isNullOr(value, isRecordOf(isListOf(isNumber))),
  answers: (value) => isRecord(value) && isTime(value.overdueMs) && isNullOr(value.patienceMs, isTime),
  answered: (value) => areAnswers(value),
  unit: (value) => value === 'request' || value === 'key',
}

/** Returns the valid members of a stored calibration, and the unknown ones. */
export function readCalibration(value: unknown): Calibration {
  if (!isRecord(value)) return {}
  const wrong = (Object.keys(FORMS) as (keyof typeof FORMS)[]).filter(
    (name) => value[name] !== undefined && !FORMS[name](value[name]),
  )
  if (wrong.length === 0) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !(wrong as readonly string[]).includes(name)))
}

const isListOf =
  (isForm: (entry: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isForm)

const isRecordOf =
  (isForm: (entry: unknown) => boolean) =>
  (value: unknown): boolean =>
    isRecord(value) && Object.values(value).every(isForm)

const areAnswers = (value: unknown): boolean =>
  isRecord(value) && [value.decided, value.unanswered, value.ended, value.leftEarly].every(isTime)

const isBakeWindow = (value: unknown): boolean =>
  isRecord(value) &&
  [value.before, value.ms, value.decided, value.unanswered, value.openedAt].every(isTime) &&
  isCount(value.inARow)

/** Returns whether a value can be a reading of a source, with bins and metrics that can be subtracted. */
function isSummary(value: unknown): boolean {
  if (!isRecord(value) || flawOfSummary('', value) !== undefined) return false
  const { answers, rejections, blockedUs, leftOut, latencyBins, pendingBins, scoreBins = [], predictions } = value
  return (
    [answers, rejections, blockedUs].every((figures) => figures === undefined || isRecordOf(isNumber)(figures)) &&
    (leftOut === undefined || isNumber(leftOut)) &&
    [latencyBins, pendingBins, scoreBins].every(arePairs(isNumber)) &&
    arePairs(isNumber)((predictions as { readonly labels: unknown }).labels) &&
    arePairs(isRecordOf(isNumber))(value.metrics)
  )
}

const arePairs = (isForm: (value: unknown) => boolean) =>
  isListOf((pair) => Array.isArray(pair) && isKey(pair[0]) && isForm(pair[1]))

const isKey = (value: unknown): boolean => typeof value === 'string' || isNumber(value)
