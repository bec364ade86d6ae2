import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import { hasCounts, type SlotNames, toSummary } from './aggregate.js'
import type { Arm, Arms } from './arm.js'
import type { OpenWindow } from './open-window.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'

/** Returns the function that reads the counts of both arms. `names` returns the current names of the slots. */
export function createReadArms(
  { baseline, canary }: Arms<FlightEntry>,
  opened: OpenWindow,
  names: () => SlotNames,
): Recorder['read'] {
  type Which = Parameters<Recorder['read']>[0]
  const readArm = (arm: Arm<FlightEntry>, which: Which, at: number, before: Summary | undefined): Summary => {
    if (which === 'step') {
      return toSummary(arm.step, names(), agesIn(arm, at, opened.isEvidence), before)
    }
    const parts = which === 'rollout' ? [arm.rest, arm.step] : arm.sliding.recent(at, which.lastMs)
    const summary = parts
      .filter(hasCounts)
      .map((part) => toSummary(part, names()))
      .reduce(mergeSummaries, emptySummary())
    return { ...summary, pendingBins: agesIn(arm, at) }
  }
  return (which, at, before) => ({
    baseline: readArm(baseline, which, at, before?.baseline),
    canary: readArm(canary, which, at, before?.canary),
  })
}

function agesIn({ pending, answers }: Arm<FlightEntry>, at: number, filter?: (entry: FlightEntry) => boolean) {
  return pending.agesUs((entry) => answers.ageMs(entry, at), filter)
}
