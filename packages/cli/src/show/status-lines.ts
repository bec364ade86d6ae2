import type { CheckView, StatusView } from '../connection/status-view.js'
import { type Colors, stateText } from './colors.js'
import { durationText, numberText, waitText } from './words.js'

/** Returns a status as lines for people. */
export function statusLines(view: StatusView, colors: Colors): readonly string[] {
  const { name, baseline, canary, requests, members, waits, checks, promotionMs, reason } = view
  const rows: readonly (readonly [label: string, text: string] | undefined)[] = [
    ['rollout', `${colors.bold(name)}: ${canary} against ${baseline}`],
    ['state', whereText(view, colors)],
    ['weight', weightText(view, colors)],
    ['requests', `${numberText(requests.baseline)} baseline, ${numberText(requests.canary)} canary in this step`],
    reason === null ? undefined : ['reason', reason],
    ...waits.map((wait) => ['waits for', waitText(wait)] as const),
    ...checks.map((check) => ['guardrail', checkText(check, colors)] as const),
    promotionMs === null ? undefined : ['promotion', `in ${durationText(promotionMs)} at the present traffic`],
    members === null ? undefined : ['processes', `${members.upToDate} of ${members.count} apply the latest change`],
    view.lastDecision === null ? undefined : ['decision', view.lastDecision.text],
  ]
  return rows.flatMap((row) => (row === undefined ? [] : [`${colors.dim(row[0].padEnd(10))}  ${row[1]}`]))
}

/** Returns where a rollout stands, in a few words. */
export function whereText({ state, step, steps, epoch, isObserved }: StatusView, colors: Colors): string {
  const mode = isObserved ? ', observed only' : ''
  return `${stateText(state, colors)}, step ${step} of ${steps}, epoch ${epoch}${mode}`
}

function weightText({ weight, inForce, isEnabled, heldBy }: StatusView, colors: Colors): string {
  const decided = isEnabled ? weight : 0
  const apart = inForce === null || inForce === decided ? '' : ` decided, ${inForce} % in force`
  const held = heldBy === null ? '' : `, held by the ${heldBy}`
  if (isEnabled) return `${weight} %${apart}${colors.yellow(held)}`
  return colors.yellow(`0 %${apart}${held}: the canary is disabled; ${weight} % when it is enabled`)
}

function checkText({ guardrail, outcome, severity, reason }: CheckView, colors: Colors): string {
  const paint = outcome === 'breached' ? colors.red : outcome === 'held' ? colors.green : colors.yellow
  const only = severity === 'rollback' || severity === '' ? '' : ` (${severity} only)`
  return `${guardrail}${only} is ${paint(outcome)}: ${reason}`
}
