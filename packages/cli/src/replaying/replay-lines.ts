import type { Decision } from '@model-canary/core'
import type { Replay } from '@model-canary/testing'
import type { Colors } from '../show/colors.js'
import { timeText } from '../show/event-lines.js'
import { durationText, numberText, waitText } from '../show/words.js'

const ENDS = {
  passed: 'the canary would have gone on to the next step',
  rolledBack: 'the canary would have been rolled back',
  undecided: 'nothing was decided when the record ended',
} as const

/** Returns a replay as lines for people: what was judged, each decision with its checks, and the end. */
export function replayLines(replay: Replay, colors: Colors): readonly string[] {
  const { weight, startedAt, elapsedMs, requests, history, end, status } = replay
  const counted = `${numberText(requests.baseline)} baseline and ${numberText(requests.canary)} canary requests`
  const paint = end === 'passed' ? colors.green : end === 'rolledBack' ? colors.red : colors.yellow
  const missing = end === 'undecided' ? status.waits.map((wait) => `  waits for ${waitText(wait)}`) : []
  return [
    `${counted} from ${timeText(startedAt)} on, as one step at ${weight} %`,
    ...history.toReversed().flatMap((decision) => decisionLines(decision, startedAt, colors)),
    paint(`${ENDS[end]}, ${durationText(elapsedMs)} after its first request`),
    ...missing,
  ]
}

function decisionLines({ at, action, actor, reason, verdict }: Decision, startedAt: number, colors: Colors) {
  const after = `after ${durationText(at - startedAt)}`
  const checks = (verdict?.checks ?? []).map(
    ({ guardrail, outcome, reason }) => `  ${guardrail} is ${outcome}: ${reason}`,
  )
  return [`${timeText(at)} ${colors.bold(action)} by ${actor}, ${after}: ${reason}`, ...checks]
}
