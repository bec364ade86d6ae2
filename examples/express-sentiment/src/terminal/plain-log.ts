import type { Decision } from '@model-canary/core'
import { moveOf, turns } from './decisions.js'
import { clockTime, count, milliseconds, percent } from './figures.js'
import type { Snapshot } from './snapshot.js'
import { stepLine, waitLine } from './step.js'
import { checkLine } from './view.js'

/** Time between two lines about progress, in milliseconds. */
const PROGRESS_MS = 3_000

/** For files and pipes: a line for every decision, occasional lines about progress, and no escape codes. */
export function createPlainLog(): (snapshot: Snapshot) => string[] {
  let told = 0
  let progressAt = 0
  return (snapshot) => {
    const decisions = turns(snapshot.history).filter(({ sequence }) => sequence > told)
    const lines = decisions.flatMap((decision) => decisionLines(decision, snapshot))
    told = decisions.at(-1)?.sequence ?? told
    if (snapshot.elapsedMs - progressAt >= PROGRESS_MS) {
      progressAt = snapshot.elapsedMs
      lines.push(progressLine(snapshot))
    }
    return lines
  }
}

function decisionLines(decision: Decision, { startedAt }: Snapshot): string[] {
  const checks = decision.verdict?.checks.filter(({ outcome }) => outcome !== 'undecided') ?? []
  return [
    `${clockTime(decision.at - startedAt)}  ${moveOf(decision)}: ${decision.reason}`,
    ...checks.map((check) => `      ${checkLine(check)}`),
  ]
}

function progressLine({ elapsedMs, status, metrics, options }: Snapshot): string {
  const versions = Object.entries(metrics).map(([version, figures]) => {
    const { requestCount, errorRate, avgLatencyMs } = figures
    const accuracy = percent(figures.metrics.accuracy?.mean)
    return `${version} ${count(requestCount)} requests, ${percent(errorRate)} errors, ${milliseconds(avgLatencyMs)} ms, ${accuracy} right`
  })
  const where = `${status.state} at ${status.weight} %, ${stepLine(status)}, waits for ${waitLine(status, options.pace)}`
  return `${clockTime(elapsedMs)}  ${where}; ${versions.join('; ')}`
}
