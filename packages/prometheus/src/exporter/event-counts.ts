import type { AlertAbout, Canary, Decision } from '@model-canary/core'
import { type Action, type DecidedBy, decidedBy } from '@model-canary/core/controller'
import type { LabelPair } from './labels.js'

/** The counts of decisions and alerts since the exporter was created. */
export interface EventCounts {
  readonly decisions: ReadonlyMap<string, EventCount>
  readonly alerts: ReadonlyMap<string, EventCount>
}

/** The count of one kind of event. */
export interface EventCount {
  readonly pairs: readonly LabelPair[]
  count: number
}

/** All decisions and who can make them. Their series start at 0, because one that starts at 1 has no increase. */
const DECISIONS: Readonly<Record<Action, readonly DecidedBy[]>> = {
  start: ['operator'],
  advance: ['judge', 'warm-up', 'operator'],
  hold: ['judge', 'gate'],
  demote: ['judge'],
  rollback: ['judge', 'tripwire', 'warm-up', 'clock', 'operator'],
  promote: ['judge', 'operator'],
  pause: ['operator', 'clock'],
  resume: ['operator', 'clock'],
  retry: ['operator'],
  enable: ['operator'],
  disable: ['operator'],
  supersede: ['operator'],
}

const ALERTS: Readonly<Record<AlertAbout, true>> = {
  hold: true,
  split: true,
  'no-data': true,
  outage: true,
  source: true,
  gate: true,
  stall: true,
  demotion: true,
  'not-started': true,
  plan: true,
  guardrails: true,
  'warm-up': true,
  target: true,
  drift: true,
  store: true,
  config: true,
  key: true,
  share: true,
  outcome: true,
}

/** Counts decisions and alerts from now on. Kinds outside the two sets above are not counted. */
export function countEvents(on: Canary['on']): EventCounts {
  const decisions = new Map<string, EventCount>()
  const alerts = new Map<string, EventCount>()

  const countDecision = ({ action, actor }: Pick<Decision, 'action' | 'actor'>, by: number): void => {
    if (!Object.hasOwn(DECISIONS, action)) return
    const decider = decidedBy(actor)
    count(decisions, `${action} ${decider}`, by, () => [
      ['decision', action],
      ['decided_by', decider],
    ])
  }
  const countAlert = ({ about }: { readonly about: string }, by: number): void => {
    if (Object.hasOwn(ALERTS, about)) count(alerts, about, by, () => [['about', about]])
  }

  for (const action of Object.keys(DECISIONS) as Action[]) {
    for (const actor of DECISIONS[action]) countDecision({ action, actor }, 0)
  }
  for (const about of Object.keys(ALERTS)) countAlert({ about }, 0)
  on('decision', (decision) => countDecision(decision, 1))
  on('alert', (alert) => countAlert(alert, 1))
  return { decisions, alerts }
}

function count(counts: Map<string, EventCount>, key: string, by: number, pairsOf: () => readonly LabelPair[]): void {
  const entry = counts.get(key) ?? { pairs: pairsOf(), count: 0 }
  counts.set(key, entry)
  entry.count += by
}
