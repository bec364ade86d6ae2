import type { Status } from '@model-canary/core'
import { type PaceName, paces } from '../pace.js'
import { count, seconds } from './figures.js'

/** "step 2 of 4: 10 [25] 50 100", and "step 4 of 4: 10 25 50 [90]" while baking. */
export function stepLine({ step, steps, state, weight: now }: Status): string {
  if (step === 0) return state === 'warming' ? 'warm-up' : 'before the first step'
  const weights = steps.map(({ weight }, index) => {
    if (index + 1 !== step) return String(weight)
    return `[${state === 'baking' ? now : weight}]`
  })
  return `step ${step} of ${steps.length}: ${weights.join(' ')}`
}

/** Returns what the rollout waits for, and its progress: "time, 3.2 of 8.0 s". */
export function waitLine(status: Status, pace: PaceName): string {
  const { state, weight, waitingFor, elapsedInStepMs, requests } = status
  if (state === 'promoted') return 'nothing: v2 serves every request'
  if (state === 'rolled-back') return 'nothing: v1 serves every request'
  if (state === 'warming' && weight === 0) return 'v2 to answer its sample inputs'
  if (waitingFor === 'requests') {
    const fewest = weight === 100 ? requests.canary : Math.min(requests.baseline, requests.canary)
    return `requests, ${count(fewest)} of ${count(paces[pace].minRequests)}`
  }
  if (waitingFor === 'evidence') return evidenceLine(status)
  if (waitingFor === 'gate') return 'a gate to open'
  const least = leastMs(status, pace)
  return elapsedInStepMs < least ? `time, ${seconds(elapsedInStepMs)} of ${seconds(least)}` : 'the next look'
}

function evidenceLine({ checks }: Status): string {
  const open = checks.find(({ outcome }) => outcome === 'undecided')
  return open === undefined ? 'evidence' : `evidence: ${open.guardrail}, ${open.reason}`
}

function leastMs({ state }: Status, pace: PaceName): number {
  const { warmUp, bakeMs, minDurationMs } = paces[pace]
  if (state === 'warming') return warmUp.durationMs
  return state === 'baking' ? bakeMs : minDurationMs
}
