import type { ByVariant } from '../foundation/vocabulary.js'
import type { Calibration } from '../judging/judge.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Counts } from '../rollout/counts.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import type { Clock } from '../runtime/clock.js'
import type { Summary } from '../summaries/summary.js'

/** The options of {@link createProcessSource}. */
export interface ProcessSourceOptions {
  readonly recorder: Pick<Recorder, 'window' | 'read' | 'clusters'>
  readonly clock: Clock
  /** Returns what the judge has learned from the baseline so far. */
  readonly baselineHistory: () => unknown
  /** Returns what is known of the baseline's answers. */
  readonly answers: () => Pick<Calibration, 'answers' | 'answered'>
  /** Returns what the split picks at random: requests, or keys. */
  readonly unit: () => NonNullable<Calibration['unit']>
}

/** Creates a source of the counts of this process. They begin at zero in every process. */
export function createProcessSource({
  recorder,
  clock,
  baselineHistory,
  answers,
  unit,
}: ProcessSourceOptions): MetricsSource {
  let latest: ByVariant<Summary> | undefined // of any step: only bins that have not changed are taken over
  const peek = ({ epoch, step, visit }: SourceWindow): Counts | 'no-data' => {
    const { window } = recorder
    const isOpen = window.epoch === epoch && window.step === step && window.visit === visit
    if (!isOpen) return 'no-data'
    latest = recorder.read('step', clock.elapsed(), latest)
    return latest
  }
  return {
    survivesRestart: false,
    peek,
    async read(window) {
      const counts = peek(window)
      return counts === 'no-data' ? counts : { ...counts, clusters: recorder.clusters() }
    },
    calibrate: () => ({
      baselineHistory: baselineHistory(),
      clusters: recorder.clusters(),
      unit: unit(),
      ...answers(),
    }),
  }
}
