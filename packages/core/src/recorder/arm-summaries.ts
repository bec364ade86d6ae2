import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import { type SlotNames, toSummary } from './aggregate.js'
import type { Arm } from './arm.js'
import type { OpenWindow } from './open-window.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'

/** Returns the counts of one arm in a window, with the calls pending at `at`. `before` is an earlier result. */
export type ReadArm = (
  arm: Arm<FlightEntry>,
  which: Parameters<Recorder['read']>[0],
  at: number,
  before?: Summary,
) => Summary

/** Returns the function that reads the counts of an arm. `names` returns the current names of the slots. */
export function createReadArm(opened: OpenWindow, names: () => SlotNames): ReadArm {
  return (arm, which, at, before) => {
    if (which === 'step')
      return { ...toSummary(arm.step, names(), before), pendingBins: agesIn(arm, at, opened.isEvidence) }
    const parts = which === 'rollout' ? [arm.rest, arm.step] : arm.sliding.recent(at, which.lastMs)
    const summary = parts.map((part) => toSummary(part, names())).reduce(mergeSummaries, emptySummary())
    return { ...summary, pendingBins: agesIn(arm, at) }
  }
}

function agesIn({ pending, answers }: Arm<FlightEntry>, at: number, filter?: (entry: FlightEntry) => boolean) {
  return pending.agesUs((entry) => answers.ageMs(entry, at), filter)
}
