import type { ByVariant, Variant } from '../foundation/vocabulary.js'
import { liveQuantilesUs } from '../summaries/histogram.js'
import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import { LATENCY_QUANTILES, metricsOf, type VersionMetrics } from '../summaries/version-metrics.js'
import { type Aggregate, countsIn, type SlotNames, toSummary } from './aggregate.js'
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
  const partsOf = ({ rest, step, sliding }: Arm<FlightEntry>, which: Which, at: number): readonly Aggregate[] =>
    typeof which === 'object' ? sliding.recent(at, which.lastMs) : which === 'step' ? [step] : [rest, step]

  const sumOf = (
    arm: Arm<FlightEntry>,
    which: Which,
    at: number,
    read: (part: Aggregate, names: SlotNames, before?: Summary) => Summary,
    before?: Summary,
  ): Summary => {
    const [first = emptySummary(), ...others] = partsOf(arm, which, at).map((part) => read(part, names(), before))
    const ageMs = (entry: FlightEntry): number => arm.answers.ageMs(entry, at)
    const pendingBins = arm.pending.agesUs(ageMs, which === 'step' ? opened.isEvidence : undefined)
    return { ...others.reduce(mergeSummaries, first), pendingBins }
  }

  const metricsOfArm = (arm: Arm<FlightEntry>, which: Which, at: number): VersionMetrics => {
    const durations = partsOf(arm, which, at).map(({ latencyBins }) => latencyBins)
    return metricsOf(sumOf(arm, which, at, countsIn), liveQuantilesUs(durations, LATENCY_QUANTILES))
  }

  const ofBoth = <Content>(read: (arm: Arm<FlightEntry>, variant: Variant) => Content): ByVariant<Content> => ({
    baseline: read(baseline, 'baseline'),
    canary: read(canary, 'canary'),
  })
  return {
    read: (which, at, before) => ofBoth((arm, variant) => sumOf(arm, which, at, toSummary, before?.[variant])),
    metrics: (which, at) => ofBoth((arm) => metricsOfArm(arm, which, at)),
  }
}
