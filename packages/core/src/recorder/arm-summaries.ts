import { liveQuantilesUs } from '../summaries/histogram.js'
import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import { LATENCY_QUANTILES, metricsOf, type VersionMetrics } from '../summaries/version-metrics.js'
import { type Aggregate, countsIn, hasCounts, type SlotNames, toSummary } from './aggregate.js'
import type { Arm, Arms } from './arm.js'
import type { OpenWindow } from './open-window.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'

/** Returns the functions that read both arms. `names` returns the current names of the slots. */
export function createReadArms(
  { baseline, canary }: Arms<FlightEntry>,
  opened: OpenWindow,
  names: () => SlotNames,
): Pick<Recorder, 'read' | 'metrics'> {
  type Which = Parameters<Recorder['read']>[0]
  const partsOf = (arm: Arm<FlightEntry>, which: Which, at: number): readonly Aggregate[] =>
    which === 'step' ? [arm.step] : which === 'rollout' ? [arm.rest, arm.step] : arm.sliding.recent(at, which.lastMs)

  const agesOf = ({ pending, answers }: Arm<FlightEntry>, which: Which, at: number) =>
    pending.agesUs((entry) => answers.ageMs(entry, at), which === 'step' ? opened.isEvidence : undefined)

  const readArm = (arm: Arm<FlightEntry>, which: Which, at: number, before: Summary | undefined): Summary => {
    const pendingBins = agesOf(arm, which, at)
    if (which === 'step') return toSummary(arm.step, names(), pendingBins, before)
    const parts = partsOf(arm, which, at).filter(hasCounts)
    return { ...merged(parts.map((part) => toSummary(part, names()))), pendingBins }
  }

  const metricsOfArm = (arm: Arm<FlightEntry>, which: Which, at: number): VersionMetrics => {
    const parts = partsOf(arm, which, at).filter(hasCounts)
    const counts = { ...merged(parts.map((part) => countsIn(part, names()))), pendingBins: agesOf(arm, which, at) }
    return metricsOf(
      counts,
      liveQuantilesUs(
        parts.map(({ latencyBins }) => latencyBins),
        LATENCY_QUANTILES,
      ),
    )
  }

  return {
    read: (which, at, before) => ({
      baseline: readArm(baseline, which, at, before?.baseline),
      canary: readArm(canary, which, at, before?.canary),
    }),
    metrics: (which, at) => ({
      baseline: metricsOfArm(baseline, which, at),
      canary: metricsOfArm(canary, which, at),
    }),
  }
}

const merged = (summaries: readonly Summary[]): Summary => summaries.reduce(mergeSummaries, emptySummary())
