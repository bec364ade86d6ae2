import { isRecord } from '../foundation/options.js'
import type { Check } from '../judging/judge.js'
import type { Decision } from './decision.js'
import { isStateName, isWait } from './read-state.js'
import { areOfArms, entriesOf, isCount, isNullOr, isNumber, isShare, isTime } from './stored-forms.js'
import type { Turn } from './turn.js'

/** Returns the valid checks of a stored list. */
export const readChecks = (value: unknown): readonly Check[] => entriesOf(value, isCheck) as readonly Check[]

/** Returns the valid turns of a stored list. */
export const readTurns = (value: unknown): readonly Turn[] => entriesOf(value, isTurn) as readonly Turn[]

/** Returns the valid decisions of a stored list, without a verdict that is invalid. */
export function readHistory(value: unknown): readonly Decision[] {
  const decisions = entriesOf(value, isDecision) as readonly Decision[]
  return decisions.every(isSound) ? decisions : decisions.map((one) => (isSound(one) ? one : { ...one, verdict: null }))
}

const isSound = ({ verdict }: Decision): boolean => isNullOr(verdict, isVerdict)

/** Returns whether the members have the right form, apart from the verdict. */
function isDecision(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value.now)) return false
  const { sequence, at, action, applied, reason, actor, epoch, step, weight, elapsedInStepMs, requests, now } = value
  return (
    isNumber(at) &&
    areTexts(action, reason, actor) &&
    typeof applied === 'boolean' &&
    areCounts(sequence, epoch, step, now.step) &&
    [weight, now.weight].every(isShare) &&
    isTime(elapsedInStepMs) &&
    areOfArms(requests) &&
    isStateName(now.state) &&
    isWait(now.waitingFor)
  )
}

const isVerdict = (value: unknown): boolean =>
  isRecord(value) &&
  areTexts(value.kind) &&
  areCounts(value.epoch, value.step) &&
  Array.isArray(value.checks) &&
  value.checks.every(isCheck)

function isCheck(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { guardrail, severity, outcome, rule, reason, baseline, canary, difference, limit, samples, evidence } = value
  return (
    areTexts(guardrail, severity, outcome, rule, reason) &&
    [baseline, canary, difference, limit, value.margin].every((figure) => isNullOr(figure, isNumber)) &&
    areOfArms(samples) &&
    (evidence === undefined || isEvidence(evidence))
  )
}

/** An infinite figure is `null` as JSON. */
const isEvidence = (value: unknown): boolean =>
  isRecord(value) &&
  [value.harm, value.safety].every((side) => isRecord(side) && [side.now, side.needed].every(isFigure)) &&
  [value.tolerable, value.dispersion, value.doublingMs, value.etaMs].every(isFigure) &&
  isNullOr(value.interval, (limits) => isRecord(limits) && [limits.low, limits.high].every(isFigure))

const isFigure = (value: unknown): boolean => isNullOr(value, isNumber)

const isTurn = (value: unknown): boolean =>
  isRecord(value) &&
  isContext(value.context) &&
  isTime(value.elapsedInStepMs) &&
  Array.isArray(value.blocks) &&
  value.blocks.every(isBlock)

const isContext = (value: unknown): boolean =>
  isRecord(value) &&
  Array.isArray(value.guardrails) &&
  isRecord(value.calibration) &&
  areCounts(value.epoch, value.step, value.stepsLeft) &&
  isShare(value.weight) &&
  areTexts(value.phase)

const isBlock = (value: unknown): boolean =>
  isRecord(value) && isRecord(value.baseline) && isRecord(value.canary) && isTime(value.elapsedMs)

const areTexts = (...values: readonly unknown[]): boolean => values.every((value) => typeof value === 'string')

const areCounts = (...values: readonly unknown[]): boolean => values.every(isCount)
