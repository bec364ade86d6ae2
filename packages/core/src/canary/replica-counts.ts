import type { ReplicaCounts } from '../controller/reported-counts.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Clock } from '../runtime/clock.js'
import { packClusters } from '../summaries/packed-clusters.js'
import { packCounts } from '../summaries/packed-counts.js'
import type { ProcessSplit } from './process-split.js'

/** The options of {@link createReplicaCounts}. */
export interface ReplicaCountsOptions {
  readonly recorder: Pick<Recorder, 'window' | 'read' | 'clusters'>
  readonly split: Pick<ProcessSplit, 'warmUps' | 'isIdle' | 'decided'>
  readonly clock: Clock
}

/** Creates what this process reports to the others: its own counts, as text. */
export function createReplicaCounts({ recorder, split, clock }: ReplicaCountsOptions): ReplicaCounts {
  return {
    fast() {
      const { epoch, visit } = recorder.window
      return { epoch, visit, fast: packCounts(recorder.read('step', clock.elapsed())) }
    },
    slow() {
      const clusters = recorder.clusters()
      return clusters === null ? undefined : packClusters(clusters)
    },
    isWarm() {
      if (split.warmUps.isWarm) return true
      return split.warmUps.hasFailed ? false : null
    },
    weight: () => (split.isIdle ? 0 : split.decided.weight),
  }
}
