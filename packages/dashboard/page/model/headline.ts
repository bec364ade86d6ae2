import type { Status } from '@model-canary/core'
import type { ShownStatus } from './records.js'
import { capital, durationOf } from './words.js'

/** How a rollout is: `bad` needs a person now, `wary` needs a look. */
export type Tone = 'good' | 'wary' | 'bad' | 'calm'

/** What a person sees first. */
export interface Headline {
  readonly tone: Tone
  /** The state, in two or three words. */
  readonly state: string
  /** What is served now. */
  readonly serving: string
  /** Why it is so, or what it waits for. */
  readonly why: string
}

const STATES: Readonly<Record<Status['state'], readonly [tone: Tone, words: string]>> = {
  idle: ['calm', 'Not started'],
  warming: ['calm', 'Warming up'],
  progressing: ['good', 'In progress'],
  paused: ['wary', 'Paused'],
  baking: ['good', 'Baking'],
  promoted: ['good', 'Promoted'],
  'rolled-back': ['bad', 'Rolled back'],
}

/** How long a step may be without a request before that is said first, in milliseconds. */
const PATIENCE_MS = 30_000

/** Returns the state of a rollout for a person who has five seconds. */
export function headlineOf(status: ShownStatus): Headline {
  const [tone, words] = STATES[status.state] ?? ['wary', status.state]
  const held = heldBy(status)
  return {
    tone: held?.tone ?? tone,
    state: held === undefined || status.state === 'rolled-back' ? words : held.state,
    serving: servingOf(status),
    why: held?.why ?? whyOf(status),
  }
}

/** Returns what keeps a rollout from going on, if something does. */
function heldBy(status: ShownStatus): Omit<Headline, 'serving'> | undefined {
  const { enabled, heldBy, drift, mode, state, waitingFor, waits, elapsedInStepMs } = status
  if (!enabled) return { tone: 'bad', state: 'Switched off', why: whySwitchedOff(status) }
  if (heldBy?.by === 'store')
    return {
      tone: 'bad',
      state: 'Store down',
      why: `The store cannot be reached (${heldBy.code}). The canary gets no more until it can.`,
    }
  if (heldBy?.by === 'target')
    return { tone: 'bad', state: 'Target refuses', why: `The target does not take the weight (${heldBy.code}).` }
  if (drift !== null) return { tone: 'bad', state: 'Drift', why: sentence(capital(drift.message)) }
  if (['idle', 'promoted', 'rolled-back', 'paused'].includes(state)) return undefined
  if (waits.some((wait) => wait.for === 'data') && elapsedInStepMs > PATIENCE_MS)
    return { tone: 'wary', state: 'No data', why: 'No finished request of the canary has been seen in this step.' }
  const holding = status.checks.find(({ severity, outcome }) => severity === 'hold' && outcome === 'breached')
  if (holding !== undefined)
    return { tone: 'wary', state: 'Held', why: `${holding.guardrail}: ${sentence(holding.reason)}` }
  if (waitingFor === 'gate')
    return {
      tone: 'wary',
      state: 'Waits for approval',
      why: 'The step is done; somebody has to say yes to the next one.',
    }
  if (mode === 'observe')
    return { tone: 'wary', state: 'Observing', why: 'Decisions are made and not applied: the mode is observe.' }
  return undefined
}

function whySwitchedOff({ heldBy, drift, inForce }: ShownStatus): string {
  if (heldBy?.by === 'target') return `The kill switch is thrown, and the target does not take it (${heldBy.code}).`
  if (drift !== null) return `The kill switch is thrown. ${sentence(capital(drift.message))}`
  if (inForce !== null && inForce.weight > 0) return 'The kill switch is thrown; the target has not taken it yet.'
  return 'The kill switch is thrown: every request goes to the baseline.'
}

function servingOf(status: ShownStatus): string {
  const { versions, state, weight, inForce, heldBy, drift, enabled, step, steps, share } = status
  const { baseline, canary } = versions
  if (state === 'idle') return `${baseline} serves every request.`
  if (inForce === null && (heldBy?.by === 'target' || drift !== null)) return `How much ${canary} gets is not known.`
  const served = inForce?.weight ?? (enabled ? weight : 0)
  if (served === 0) return `${baseline} serves every request; ${canary} gets none.`
  const real =
    share !== null && Math.abs(share - served) > Math.max(1, served / 5)
      ? ` (${share.toFixed(1)} % of the last ones)`
      : ''
  const part = served >= 100 ? `${canary} serves every request` : `${canary} gets ${served} % of the requests${real}`
  if (state === 'promoted' || state === 'rolled-back') return `${part}.`
  return step === 0 ? `${part}, to warm up.` : `${part}: step ${step} of ${steps.length}.`
}

function whyOf({ state, reason, lastDecision, waits, eta, waitingFor }: ShownStatus): string {
  if (reason !== null) return sentence(capital(reason))
  if (state === 'idle') return 'The rollout has not been started.'
  if (state === 'paused') return sentence(capital(lastDecision?.reason || 'paused'))
  const left =
    eta === null
      ? ''
      : ` About ${durationOf(eta.stepMs)} left in this step, ${durationOf(eta.promotionMs)} until promotion.`
  if (lastDecision?.action === 'hold' && !lastDecision.reason.startsWith('waiting for'))
    return sentence(capital(lastDecision.reason))
  const first = waits[0]?.what ?? waitingFor
  return first === null || first === undefined
    ? `Nothing is in the way.${left}`
    : `Waits for ${waitWords(first)}.${left}`
}

/** Returns what is waited for, in words. */
export function waitWords(what: string): string {
  if (what === 'ms in the step') return 'the least time of the step'
  if (what === 'yes of the gate') return 'a yes to the next step'
  return what.replace(/^ms in the step/, 'the time in the step')
}

/** Returns a text with a full stop, if it does not end as a sentence. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
