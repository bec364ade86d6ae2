import type { Decision, VersionMetrics } from '@model-canary/core'
import { scenarios } from '../models/scenarios.js'
import { turns } from './decisions.js'
import { count, percent, seconds } from './figures.js'
import { fold } from './lines.js'
import type { Snapshot } from './snapshot.js'
import { versionsTable } from './versions-table.js'

const INDENT = ' '.repeat(15)

/** Returns whether the rollout ended as expected in the scenario. */
export function isAsExpected({ options, status }: Snapshot): boolean {
  return status.state === scenarios[options.scenario].endsAs
}

/** Renders the result of a rollout that has ended. */
export function summary(snapshot: Snapshot): string[] {
  const { status, history, options, elapsedMs } = snapshot
  const verdict = isAsExpected(snapshot)
    ? 'as it should'
    : `but it should have been ${scenarios[options.scenario].endsAs}`
  return [
    `The rollout of scenario "${options.scenario}" is ${status.state} after ${seconds(elapsedMs)}, ${verdict}.`,
    ...fold(`${'reason'.padEnd(15)}${status.reason ?? 'none given'}`, INDENT),
    '',
    ...journey(history),
    '',
    ...versionsTable(snapshot),
    '',
    ...fold(`${'callers'.padEnd(15)}${callers(snapshot)}`, INDENT),
    ...fold(`${'v2 served'.padEnd(15)}${served(snapshot)}`, INDENT),
  ]
}

/** Renders a line for each step: its duration, its requests and its result. */
function journey(history: readonly Decision[]): string[] {
  return turns(history)
    .filter(({ action }) => action !== 'start')
    .map(({ step, weight, elapsedInStepMs, requests, action, now }) => {
      const where = `${step === 0 ? 'warm-up' : `step ${step}`} at ${weight} %`
      const who = `${count(requests.baseline)} of v1, ${count(requests.canary)} of v2`
      const what = action === 'advance' ? `${now.weight} %` : `${now.state} at ${now.weight} %`
      return `${where.padEnd(17)}${seconds(elapsedInStepMs).padStart(7)}   ${who.padEnd(26)}→ ${what}`
    })
}

/** Renders what the callers noticed. With the fallback, they notice little of a broken canary. */
function callers({ traffic, metrics }: Snapshot): string {
  const { sent, answered, failed, lastFailure, byVersion } = traffic
  const right = Object.values(byVersion).reduce((sum, version) => sum + version.right, 0)
  const broken = failuresOf(metrics.v2)
  const rescued = Math.max(0, broken + failuresOf(metrics.v1) - failed)
  const rescue =
    broken === 0 ? '' : `; v2 failed ${count(broken)} times, and v1 answered ${count(rescued)} times in its place`
  return `${count(answered)} of ${count(sent)} requests were answered, ${percent(answered === 0 ? null : right / answered)} of them rightly, ${count(failed)} failed${lastFailure === null ? '' : `, the last with ${lastFailure}`}${rescue}`
}

const failuresOf = (version: VersionMetrics | undefined): number =>
  version === undefined ? 0 : version.errorCount + version.timeoutCount

function served({ metrics, traffic }: Snapshot): string {
  const requests = metrics.v2?.requestCount ?? 0
  return `${count(requests)} requests, ${percent(traffic.sent === 0 ? null : requests / traffic.sent)} of all`
}
