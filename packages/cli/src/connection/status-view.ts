import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import { safeData } from '../safe-text.js'
import { isRecord, listIn, numberIn, recordIn, textIn } from './records.js'

/** The part of a status that is shown or acted on. Its texts have no control characters. */
export interface StatusView {
  readonly name: string
  readonly baseline: string
  readonly canary: string
  readonly state: string
  readonly weight: number
  /** The share in force, in percent; `null` if it is not known. */
  readonly inForce: number | null
  readonly step: number
  /** How many steps the plan has. */
  readonly steps: number
  readonly epoch: number
  readonly isEnabled: boolean
  readonly isObserved: boolean
  /** What outside of the rollout holds it; `null` if nothing does. */
  readonly heldBy: string | null
  readonly waits: readonly WaitView[]
  readonly checks: readonly CheckView[]
  readonly requests: { readonly baseline: number; readonly canary: number }
  /** The expected time until the promotion, in milliseconds; `null` if it is not known. */
  readonly promotionMs: number | null
  readonly elapsedMs: number
  readonly reason: string | null
  /** The processes that share the rollout; `null` if it is not shared. */
  readonly members: { readonly count: number; readonly upToDate: number } | null
  readonly lastDecision: DecisionView | null
  readonly explanation: string
}

/** The latest decision. */
export interface DecisionView {
  /** Its number in the history. */
  readonly sequence: number
  /** What was decided, by whom and why. */
  readonly text: string
}

/** Something that the step waits for. */
export interface WaitView {
  readonly what: string
  readonly have: number
  readonly need: number
}

/** What one guardrail says. */
export interface CheckView {
  readonly guardrail: string
  readonly severity: string
  readonly outcome: string
  readonly reason: string
}

/** Reads a status. What another version of the service does not send is left out. Throws if it is no status. */
export function readStatus(body: unknown, place: string): StatusView {
  const status = safeData(body)
  if (!isRecord(status)) throw noStatus(place)
  const [name, state] = [textIn(status, 'name'), textIn(status, 'state')]
  const [weight, step, epoch] = [numberIn(status, 'weight'), numberIn(status, 'step'), numberIn(status, 'epoch')]
  if (name === undefined || state === undefined || weight === undefined || step === undefined || epoch === undefined)
    throw noStatus(place)
  const versions = recordIn(status, 'versions')
  const requests = recordIn(status, 'requests')
  return {
    name,
    state,
    weight,
    step,
    epoch,
    baseline: textIn(versions, 'baseline') ?? 'baseline',
    canary: textIn(versions, 'canary') ?? 'canary',
    inForce: numberIn(recordIn(status, 'inForce'), 'weight') ?? null,
    steps: listIn(status, 'steps').length,
    isEnabled: status.enabled !== false,
    isObserved: status.mode === 'observe',
    heldBy: textIn(recordIn(status, 'heldBy'), 'by') ?? null,
    waits: listIn(status, 'waits').flatMap(waitOf),
    checks: listIn(status, 'checks').flatMap(checkOf),
    requests: { baseline: numberIn(requests, 'baseline') ?? 0, canary: numberIn(requests, 'canary') ?? 0 },
    promotionMs: numberIn(recordIn(status, 'eta'), 'promotionMs') ?? null,
    elapsedMs: numberIn(status, 'elapsedMs') ?? 0,
    reason: textIn(status, 'reason') ?? null,
    members: membersOf(status),
    lastDecision: decisionOf(recordIn(status, 'lastDecision')),
    explanation: textIn(status, 'explanation') ?? '',
  }
}

const noStatus = (place: string) =>
  failure(EXIT.unreachable, 'BAD_ANSWER', `${place} answered, but not with the status of a rollout`)

function waitOf(wait: unknown): readonly WaitView[] {
  if (!isRecord(wait)) return []
  const what = textIn(wait, 'what')
  return what === undefined ? [] : [{ what, have: numberIn(wait, 'have') ?? 0, need: numberIn(wait, 'need') ?? 0 }]
}

function checkOf(check: unknown): readonly CheckView[] {
  if (!isRecord(check)) return []
  const [guardrail, outcome] = [textIn(check, 'guardrail'), textIn(check, 'outcome')]
  if (guardrail === undefined || outcome === undefined) return []
  return [{ guardrail, outcome, severity: textIn(check, 'severity') ?? '', reason: textIn(check, 'reason') ?? '' }]
}

function membersOf(status: Readonly<Record<string, unknown>>): StatusView['members'] {
  const members = recordIn(status, 'members')
  const [count, upToDate] = [numberIn(members, 'count'), numberIn(members, 'upToDate')]
  return count === undefined || upToDate === undefined ? null : { count, upToDate }
}

/** Reads a decision, without what the judge said of each guardrail. `null` if it is none. */
export function decisionOf(decision: Readonly<Record<string, unknown>>): DecisionView | null {
  const [action, sequence] = [textIn(decision, 'action'), numberIn(decision, 'sequence')]
  if (action === undefined || sequence === undefined) return null
  return { sequence, text: `${action} by ${textIn(decision, 'actor') ?? '?'}: ${textIn(decision, 'reason') ?? ''}` }
}
