import type { Calibration } from '../judging/judge.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Counts } from '../rollout/counts.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import type { Clock } from '../runtime/clock.js'

/** What the counts of this process are read from. */
export interface ProcessSourceOptions {
  readonly recorder: Pick<Recorder, 'window' | 'read' | 'clusters'>
  readonly clock: Clock
  /** What the judge has learned from the baseline so far. */
  readonly baselineHistory: () => unknown
  /** What is known of the baseline's answers. */
  readonly answers: () => Pick<Calibration, 'answers' | 'answered'>
  /** What the split picks at random. */
  readonly unit: () => NonNullable<Calibration['unit']>
}

/** Makes a source that reads what was recorded in this process. Its counts begin at zero in every process. */
export function createProcessSource({
  recorder,
  clock,
  baselineHistory,
  answers,
  unit,
}: ProcessSourceOptions): MetricsSource {
  const peek = ({ epoch, step }: SourceWindow): Counts | 'no-data' => {
    const isOpen = recorder.window.epoch === epoch && recorder.window.step === step
    return isOpen ? recorder.read('step', clock.elapsed()) : 'no-data'
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
