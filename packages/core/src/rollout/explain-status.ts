import { describeMissing, PATIENCE_MS } from './describe.js'
import type { Status } from './status.js'
import { timeOf } from './wall-time.js'

/**
 * A status in a few sentences: first what keeps the decided weight from being in force, then the rest.
 *
 * @param openedAt when the weight of this step came into force, as wall time in milliseconds since 1970
 */
export function explainStatus(status: Status, openedAt: number): string {
  const { name, versions, state, weight, step, steps, reason, checks, history } = status
  const told = checks
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ guardrail, outcome, reason }) => `${guardrail} is ${outcome} (${reason})`)
  const last = history.at(-1)
  const sentences = [
    apart(status),
    `Rollout "${name}" of ${versions.canary} against ${versions.baseline} is ${state} at ${weight} %, step ${step} of ${steps.length}.`,
    status.enabled ? '' : 'It is switched off: every request goes to the baseline.',
    status.mode === 'observe' && reason === null ? 'Nothing that is decided is applied: the mode is observe.' : '',
    reason === null ? wait(status, openedAt) : `Reason: ${reason}.`,
    state === 'rolled-back' ? 'retry() tries it again; start() does not.' : '',
    told.length === 0 ? '' : `${told.join('; ')}.`,
    status.eta === null
      ? ''
      : `At the present traffic the next step is ${inWords(status.eta.stepMs)} away, and 100 % ${inWords(status.eta.promotionMs)}.`,
    ...status.notes.map((note) => `${capital(note)}.`),
    last === undefined || reason !== null ? '' : `Last decision: ${last.action}, ${last.reason}.`,
  ]
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

/** What keeps the decided weight from being in force; nothing where it is. */
function apart({ weight, enabled, inForce, heldBy, drift }: Status): string {
  const decided = enabled ? weight : 0
  const found = inForce === null ? 'what is in force is not known' : `${inForce.weight} % is in force`
  if (heldBy?.by === 'target')
    return `${decided} % is decided and ${found}: the target did not take it (${heldBy.code}).`
  if (drift !== null) return `${decided} % is decided and ${found}. ${drift.message}`
  if (heldBy?.by === 'store')
    return `The store is down (${heldBy.code}): what is decided is not stored, and there is no more canary until it is back.`
  if (inForce === null || inForce.weight === decided) return ''
  return `${decided} % is decided and ${found}: the change is on its way.`
}

function wait(status: Status, openedAt: number): string {
  const { waitingFor, elapsedInStepMs, history, versions, requests } = status
  if (waitingFor === null) return ''
  if (waitingFor !== 'data' || elapsedInStepMs < PATIENCE_MS) return `It waits for ${waitingFor}.`
  const { kind, message } = history.at(-1)?.verdict ?? {}
  if (kind === 'error') return `It waits for data: ${message ?? 'the metrics source failed'}.`
  if (requests.canary > 0) return `It waits for data: ${history.at(-1)?.reason ?? 'nothing new has come'}.`
  const since = ` since ${timeOf(openedAt)} UTC`
  return `It waits for data: ${describeMissing(status, versions.canary, since)}`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const inWords = (ms: number): string =>
  ms < 120_000
    ? `${Math.round(ms / 1_000)} s`
    : ms < 7_200_000
      ? `${Math.round(ms / 60_000)} min`
      : `${Math.round(ms / 3_600_000)} h`
