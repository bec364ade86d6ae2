import { describeInForce, describeMissing, PATIENCE_MS } from './describe.js'
import type { Eta } from './eta.js'
import { describeMembers } from './fleet-members.js'
import { describeMissingKeys } from './missing-keys.js'
import type { Status } from './status.js'
import { dateAndTimeOf, timeOf } from './wall-time.js'

/** What an explanation needs in addition to the status. Times are wall times in milliseconds since 1970. */
export interface StatusContext {
  /** When the weight of this step came into force. */
  readonly openedAt: number
  /** Why a version has finished no request of this step, where the counts show it. */
  readonly unserved: string | undefined
  /** When a pause ends by itself; `null` if it does not, or if there is none. */
  readonly pauseEndsAt: number | null
}

/** Returns a status in a few sentences: first why the decided weight is not in force, if so, then the rest. */
export function explainStatus(status: Status, known: StatusContext): string {
  const { name, versions, state, weight, step, steps, reason, checks, lastDecision } = status
  const told = checks
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ guardrail, outcome, reason }) => `${guardrail} is ${outcome} (${reason})`)
  const difference = apart(status)
  const sentences = [
    difference,
    `Rollout "${name}" of ${versions.canary} against ${versions.baseline} is ${state} at ${weight} %, ` +
      `step ${step} of ${steps.length}.`,
    bake(status),
    status.enabled ? '' : `The canary is disabled${difference === '' ? ': every request goes to the baseline' : ''}.`,
    status.mode === 'observe' && reason === null ? 'Decisions are not applied because the mode is observe.' : '',
    reason === null ? wait(status, known) : ended(`Reason: ${reason}`),
    state === 'rolled-back' ? 'Call retry() to try this canary again; start() does not do so.' : '',
    told.length === 0 ? '' : `${told.join('; ')}.`,
    status.eta === null ? '' : describeEta(status.eta, state === 'baking'),
    describeMembers(status.members),
    ...status.notes.map((note) => ended(capital(note))),
    lastDecision === null || reason !== null
      ? ''
      : ended(`Last decision: ${lastDecision.action}, ${lastDecision.reason}`),
  ]
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

/** Returns why the decided weight is not in force; an empty text if it is. */
function apart({ weight, enabled, inForce, heldBy, drift }: Status): string {
  const decided = enabled ? weight : 0
  const found = describeInForce(inForce)
  if (heldBy?.by === 'target')
    return `${decided} % is decided and ${found}: the target did not apply it (${heldBy.code}).`
  if (drift !== null) return `${decided} % is decided and ${found}. ${drift.message}`
  if (heldBy?.by === 'store') {
    const [is, until] = heldBy.code === 'INVALID_STATE' ? ['cannot be read', 'it can'] : ['is down', 'it is back']
    return `The store ${is} (${heldBy.code}): decisions are not stored, and the weight is not raised until ${until}.`
  }
  if (inForce === null || inForce.weight === decided) return ''
  const cold = inForce.weight === 0 ? ', or the canary is not warm here' : ''
  return `${decided} % is decided and ${found}: the change is being applied${cold}.`
}

/** Returns what becomes of the baseline's share while the canary bakes; an empty text in any other state. */
function bake({ state, weight, versions }: Status): string {
  if (state !== 'baking' || weight === 100) return ''
  return `${versions.baseline} keeps ${100 - weight} % for the comparison until the promotion.`
}

/** Returns what has to happen before the rollout moves; an empty text if that is nothing. */
function wait(status: Status, known: StatusContext): string {
  // a start while the store is down begins once the store answers
  if (status.state === 'idle') return status.heldBy?.by === 'store' ? '' : 'Call start() to begin the rollout.'
  const verbs = [status.enabled ? '' : 'enable()', status.state === 'paused' ? endOfPause(known) : '']
  const stopped = verbs.filter((verb) => verb !== '').join(' and ')
  return stopped === '' ? waitInStep(status, known) : `The step stands still until ${stopped}.`
}

const endOfPause = ({ pauseEndsAt }: StatusContext): string =>
  pauseEndsAt === null ? 'resume()' : `resume() or ${dateAndTimeOf(pauseEndsAt)} UTC`

function waitInStep(status: Status, { openedAt, unserved }: StatusContext): string {
  const { waitingFor, elapsedInStepMs, lastDecision, versions, requests } = status
  if (waitingFor === null) return ''
  const isKeyMissing = requests.canary === 0 && describeMissingKeys(status) !== undefined
  if (waitingFor !== 'data' || (elapsedInStepMs < PATIENCE_MS && !isKeyMissing)) return `Waiting for ${waitingFor}.`
  if (lastDecision?.verdict === 'error') return ended(`Waiting for data: ${lastDecision.reason}`)
  if (requests.canary > 0) return ended(`Waiting for data: ${newData(status)}`)
  const since = ` since ${timeOf(openedAt)} UTC`
  return ended(`Waiting for data: ${describeMissing({ ...status, unserved }, versions.canary, since)}`)
}

/** Returns the sentence about a canary that has finished requests, in a step that waits for data. */
function newData({ lastDecision, requests }: Status): string {
  if (lastDecision === null) return 'no new data has arrived'
  const isNew = lastDecision.requests.canary === 0
  return isNew ? `the canary has finished ${requests.canary} since the last look` : lastDecision.reason
}

function describeEta({ stepMs, promotionMs }: Eta, isBaking: boolean): string {
  const next = isBaking ? '' : `the next step is ${inWords(stepMs)} away and `
  return `At the current traffic, ${next}the promotion is ${inWords(promotionMs)} away.`
}

/** Returns the text as a sentence: with a full stop, unless it ends as a question or a sentence already. */
const ended = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const inWords = (ms: number): string =>
  ms < 120_000
    ? `${Math.round(ms / 1_000)} s`
    : ms < 7_200_000
      ? `${Math.round(ms / 60_000)} min`
      : `${Math.round(ms / 3_600_000)} h`
