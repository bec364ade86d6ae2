import { isRecord, show } from '../foundation/options.js'
import { flawOfSummary } from '../summaries/summary-flaw.js'
import type { Counts } from './counts.js'

const ADVICE =
  'begin with emptySummary() of @model-canary/core/judge and fill in what you know, or read JSON with readSummary()'

/** Says what is wrong with the answer of a source, and what a summary looks like; `undefined` if it has the right shape. */
export function flawOfReading(answer: Counts | 'no-data'): string | undefined {
  const flaw = answer === 'no-data' ? undefined : flawOf(answer)
  return flaw && `what it returned is not a reading: ${flaw}; ${ADVICE}`
}

function flawOf(answer: unknown): string | undefined {
  if (!isRecord(answer)) return `it must be "no-data" or { baseline, canary }, got ${show(answer)}`
  const { baseline, canary } = answer
  return flawOfSummary('baseline', baseline) ?? flawOfSummary('canary', canary)
}
