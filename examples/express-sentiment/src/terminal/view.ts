import type { Check } from '@model-canary/core/judge'
import { scenarios } from '../models/scenarios.js'
import { moveOf, turns } from './decisions.js'
import { clockTime, count } from './figures.js'
import { cut, ends, WIDTH } from './lines.js'
import type { Snapshot } from './snapshot.js'
import { stepLine, waitLine } from './step.js'
import { versionsTable } from './versions-table.js'

const TITLES = 15
const INDENT = ' '.repeat(TITLES)

/** Renders a rollout as lines of at most 80 characters. */
export function view(snapshot: Snapshot): string[] {
  const { status, options, origin, elapsedMs } = snapshot
  const inStep = `in this step v1 ${count(status.requests.baseline)}, v2 ${count(status.requests.canary)}`
  return [
    ends(`model-canary: sentiment v2 against v1 at ${origin}`, clockTime(elapsedMs)),
    titled('scenario', `${options.scenario}: ${scenarios[options.scenario].story}`),
    ends(titled(status.state, `${status.weight} % of the requests go to v2`), stepLine(status)),
    bar(status.weight),
    ends(cut(titled('waits for', waitLine(status, options.pace)), WIDTH - inStep.length - 1), inStep),
    '',
    ...versionsTable(snapshot),
    '',
    ...(status.checks.length === 0 ? ['no guardrail has been judged yet'] : status.checks.map(checkLine)),
    '',
    ...lastDecision(snapshot),
    titled('traffic', trafficLine(snapshot)),
  ].map((line) => cut(line))
}

const titled = (title: string, text: string): string => title.padEnd(TITLES) + text

function bar(weight: number): string {
  const filled = Math.round((weight / 100) * WIDTH)
  return '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
}

/** "held      errorRate        error rate 0 % against 0 %: no difference, 2 points accepted". */
export function checkLine({ outcome, guardrail, reason }: Check): string {
  return `${outcome.padEnd(10)}${guardrail.padEnd(16)}${reason}`
}

/** Always two lines, because a display that changes its height is hard to read. */
function lastDecision({ history, startedAt }: Snapshot): string[] {
  const last = turns(history).at(-1)
  if (last === undefined) return [titled('last decision', 'none yet'), '']
  const decided = `${clockTime(last.at - startedAt)}  ${moveOf(last)}`
  return [titled('last decision', decided), INDENT + last.reason]
}

function trafficLine({ options, traffic }: Snapshot): string {
  const { sent, answered, failed, underWay, heldBack } = traffic
  const parts = [`${options.rate}/s`, `${count(sent)} sent`, `${count(answered)} answered`, `${count(failed)} failed`]
  if (underWay > 0) parts.push(`${count(underWay)} under way`)
  if (heldBack > 0) parts.push(`${count(heldBack)} held back`)
  return parts.join(', ')
}
